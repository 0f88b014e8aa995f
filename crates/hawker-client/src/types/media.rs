//! Pictures, files and places.

use serde::{Deserialize, Serialize};

/// A picture in up to three sizes (`TIMImageElem`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// The sender's name for it.
    #[serde(rename = "UUID")]
    pub uuid: String,
    /// 1 JPEG, 2 GIF, 3 PNG, 4 BMP, 255 another.
    #[serde(rename = "ImageFormat")]
    pub format: u32,
    /// The sizes, the original first.
    #[serde(rename = "ImageInfoArray")]
    pub sizes: Vec<ImageSize>,
}

impl Image {
    /// The smallest size there is, for a list; `None` if there is none at all.
    pub fn thumbnail(&self) -> Option<&ImageSize> {
        self.sizes.iter().find(|size| size.kind == 3).or(self.sizes.last())
    }
}

/// One size of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageSize {
    /// 1 the original, 2 large, 3 a thumbnail.
    #[serde(rename = "Type")]
    pub kind: u32,
    /// Bytes.
    #[serde(rename = "Size")]
    pub bytes: u64,
    /// Pixels; 0 if not known.
    #[serde(rename = "Width")]
    pub width: u32,
    /// Pixels; 0 if not known.
    #[serde(rename = "Height")]
    pub height: u32,
    /// Where it is.
    #[serde(rename = "URL")]
    pub url: String,
}

/// A file (`TIMFileElem`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FileLink {
    /// The sender's name for it.
    #[serde(rename = "UUID")]
    pub uuid: String,
    /// Its name at the sender's.
    #[serde(rename = "FileName")]
    pub name: String,
    /// Bytes.
    #[serde(rename = "FileSize")]
    pub bytes: u64,
    /// Where it is.
    #[serde(rename = "Url")]
    pub url: String,
    /// 2: to be had at the address.
    #[serde(rename = "Download_Flag")]
    pub(crate) download_flag: u32,
}

impl FileLink {
    /// A file that lies at an address.
    pub fn new(uuid: impl Into<String>, name: impl Into<String>, bytes: u64, url: impl Into<String>) -> FileLink {
        FileLink { uuid: uuid.into(), name: name.into(), bytes, url: url.into(), download_flag: 2 }
    }
}

/// A place (`TIMLocationElem`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Location {
    /// What is there.
    pub desc: String,
    /// Degrees.
    pub latitude: f64,
    /// Degrees.
    pub longitude: f64,
}
