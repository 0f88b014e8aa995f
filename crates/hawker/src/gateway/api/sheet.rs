//! Tables as spreadsheets read and write them: CSV in UTF-8, amounts in major units.

use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::future::Future;
use std::io;

/// Rows that are looked up at once for a table.
pub const ROWS_AT_ONCE: usize = 200;
/// Begins the tables that we write: without it, some spreadsheets take UTF-8 for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// What begins a formula, in one spreadsheet or another.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Keeps a spreadsheet from reading what follows as anything but text.
const TEXT: char = '\'';

/// Currencies without cents, and those with three digits of them (ISO 4217).
const WITHOUT_CENTS: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
const WITH_MILLS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Digits behind the point of amounts of a currency.
pub fn minor_digits(currency: &str) -> usize {
    if WITHOUT_CENTS.contains(&currency) {
        0
    } else if WITH_MILLS.contains(&currency) {
        3
    } else {
        2
    }
}

/// An amount in major units: 3990 is `39.90`.
pub fn major(amount: i64, digits: usize) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let text = format!("{:0width$}", amount.unsigned_abs(), width = digits + 1);
    let (whole, cents) = text.split_at(text.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents}") }
}

/// An amount in minor units: `39.9` is 3990. `None`: it is none, or has more digits than the currency.
pub fn minor(text: &str, digits: usize) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, cents) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let all_digits = !whole.is_empty() && whole.bytes().chain(cents.bytes()).all(|byte| byte.is_ascii_digit());
    if !all_digits || cents.len() > digits {
        return None;
    }
    format!("{whole}{cents:0<digits$}").parse::<i64>().ok().map(|amount| sign * amount)
}

/// A text that a spreadsheet takes for nothing else.
fn quoted(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("{TEXT}{cell}") } else { cell.to_owned() }
}

/// The text that was meant, whether we have written it or somebody else.
pub fn unquoted(cell: &str) -> &str {
    cell.strip_prefix(TEXT).filter(|text| text.starts_with(FORMULA)).unwrap_or(cell)
}

/// Rows of a table.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Default for Sheet {
    fn default() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }
}

impl Sheet {
    /// Adds a row of cells, none of which is a formula.
    pub fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.0.write_record(cells.map(quoted)).expect("memory takes everything");
    }

    /// A small table, with its head, to be saved as a file of this name.
    pub fn saved_as(self, name: &'static str) -> Response {
        saved_as(name, [BYTE_ORDER_MARK.as_bytes(), &self.into_bytes()].concat().into())
    }

    fn into_bytes(self) -> Bytes {
        self.0.into_inner().expect("memory takes everything").into()
    }
}

/// Sends a table to be saved, as it is looked up. A page is asked for by the number that it begins below, and says with which
/// number it ends.
pub fn download<const N: usize, F>(
    name: &'static str,
    head: [&str; N],
    page: impl Fn(i64) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Result<(Sheet, Option<i64>), Problem>> + Send + 'static,
{
    let mut first = Sheet::default();
    first.row(head);
    let first = [BYTE_ORDER_MARK.as_bytes(), &first.into_bytes()].concat();
    let rows =
        stream::try_unfold((Some(Bytes::from(first)), Some(i64::MAX), page), async |(first, below, page)| {
            if let Some(first) = first {
                return Ok(Some((first, (None, below, page))));
            }
            let Some(below) = below else { return Ok(None) };
            let cut = |_| io::Error::other("the table could not be read to its end");
            let (sheet, last) = page(below).await.map_err(cut)?;
            Ok::<_, io::Error>(Some((sheet.into_bytes(), (None, last, page))))
        });
    saved_as(name, Body::from_stream(rows))
}

/// A table that is saved as a file of this name.
fn saved_as(name: &'static str, body: Body) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).expect("a plain name");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_to_the_cent() {
        for (amount, digits, text) in [
            (3990, 2, "39.90"),
            (5, 2, "0.05"),
            (0, 2, "0.00"),
            (-120, 2, "-1.20"),
            (3990, 0, "3990"),
            (5, 3, "0.005"),
        ] {
            assert_eq!(major(amount, digits), text);
            assert_eq!(minor(text, digits), Some(amount));
        }
        assert_eq!((minor("39.9", 2), minor("39", 2), minor("39,90", 2)), (Some(3990), Some(3900), Some(3990)));
        for bad in ["", ".", ".5", "39.901", "1,000.00", "¥39", "39 CNY", "4e2", "--1", "99999999999999999999"] {
            assert_eq!(minor(bad, 2), None, "{bad}");
        }
        assert_eq!((minor_digits("CNY"), minor_digits("JPY"), minor_digits("KWD")), (2, 0, 3));
    }

    #[test]
    fn no_cell_is_a_formula() {
        let mut sheet = Sheet::default();
        sheet.row(["=1+1", "+1", "-1", "@SUM", "\tx", "a=b, \"c\""]);
        let text = String::from_utf8(sheet.into_bytes().to_vec()).unwrap();
        assert_eq!(text, "'=1+1,'+1,'-1,'@SUM,'\tx,\"a=b, \"\"c\"\"\"\r\n");
        assert_eq!((unquoted("'=1+1"), unquoted("'tis"), unquoted("=1")), ("=1+1", "'tis", "=1"));
    }
}
