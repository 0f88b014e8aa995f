//! Attributes of rooms. Their keys are in lower case, unlike everything else.

use super::{Asked, Read, Shape};
use crate::tencent::error::WireError;
use hawker_core::command::{AttributeWrite, Command, RoomCommand};
use serde::Deserialize;

impl Read<'_> {
    pub(super) fn set_attributes(&self, replace: bool) -> Result<Asked, WireError> {
        let body: SetAttributes = self.body()?;
        let races = races(body.control.as_deref());
        let write = |one: Attribute| AttributeWrite {
            key: one.key.into(),
            value: one.value.into(),
            known: one.seq.filter(|_| races),
        };
        let attributes = body.attributes.into_iter().map(write).collect();
        let known = body.main.filter(|_| races);
        let command = RoomCommand::SetAttributes { attributes, replace, known };
        Ok(Asked::Rules(Command::Room(body.room.into(), command), Shape::AttributesChanged))
    }

    pub(super) fn delete_attributes(&self) -> Result<Asked, WireError> {
        let body: DeleteAttributes = self.body()?;
        let races = races(body.control.as_deref());
        let write = |one: AttributeKey| AttributeWrite {
            key: one.key.into(),
            value: "".into(),
            known: one.seq.filter(|_| races),
        };
        let keys = Some(body.attributes.into_iter().map(write).collect());
        let command = RoomCommand::DropAttributes { keys, known: None };
        Ok(Asked::Rules(Command::Room(body.room.into(), command), Shape::AttributesChanged))
    }

    pub(super) fn clear_attributes(&self) -> Result<Asked, WireError> {
        let body: ClearAttributes = self.body()?;
        let known = body.main.filter(|_| races(body.control.as_deref()));
        let command = RoomCommand::DropAttributes { keys: None, known };
        Ok(Asked::Rules(Command::Room(body.room.into(), command), Shape::AttributesChanged))
    }
}

/// The writer wants to be refused when somebody else was faster.
fn races(control: Option<&[String]>) -> bool {
    control.is_some_and(|control| control.iter().any(|one| one == "RaceConflict"))
}

#[derive(Deserialize)]
struct SetAttributes {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupAttr")]
    attributes: Vec<Attribute>,
    #[serde(rename = "AttrMainSeq")]
    main: Option<u64>,
    #[serde(rename = "AttrControl")]
    control: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    value: String,
    seq: Option<u64>,
}

#[derive(Deserialize)]
struct DeleteAttributes {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "GroupAttr")]
    attributes: Vec<AttributeKey>,
    #[serde(rename = "AttrControl")]
    control: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct AttributeKey {
    key: String,
    seq: Option<u64>,
}

#[derive(Deserialize)]
struct ClearAttributes {
    #[serde(rename = "GroupId")]
    room: String,
    #[serde(rename = "AttrMainSeq")]
    main: Option<u64>,
    #[serde(rename = "AttrControl")]
    control: Option<Vec<String>>,
}
