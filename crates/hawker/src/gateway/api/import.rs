//! Goods as a table: out, and in again. A table is taken whole or not at all; what is wrong is told line by line.

use super::audit::{About, Unchanged};
use super::auth::Caller;
use super::input::Asked;
use super::problem::{Fault, Problem};
use super::sheet::{self, Sheet};
use super::shop::{self, Key, look};
use crate::gateway::Gateway;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hawker_core::Refusal;
use hawker_core::shop::goods::{Goods, GoodsDraft, GoodsState, Sku, SkuDraft};
use hawker_core::shop::{ShopCommand, ShopLimits, ShopRefusal, money};
use hawker_store::{KeptGoods, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a table.
pub const BYTES_MAX: usize = 8 << 20;
/// Rows of a table.
const ROWS_MAX: usize = 20_000;
/// Mistakes that are told; whoever has made more will come again.
const ERRORS_MAX: usize = 200;

/// The columns.
const COLUMNS: [&str; 10] =
    ["id", "title", "description", "pictures", "state", "variant", "code", "price", "list_price", "stock"];

/// `GET /api/v1/goods/export`: a row for each variant.
pub async fn export(State(gateway): State<Gateway>, Caller { app, .. }: Caller) -> Response {
    let digits = sheet::minor_digits(&gateway.shared.shop.currency);
    sheet::download("goods.csv", COLUMNS, move |below| {
        let gateway = gateway.clone();
        async move {
            let found =
                look(&gateway, move |table| table.goods(app, None, None, below, sheet::ROWS_AT_ONCE)).await?;
            let last = found.last().map(|kept| kept.goods.id as i64);
            let mut sheet = Sheet::default();
            found.iter().for_each(|kept| put(&mut sheet, kept, digits));
            Ok((sheet, last))
        }
    })
}

fn put(sheet: &mut Sheet, KeptGoods { goods, stocks }: &KeptGoods, digits: usize) {
    let state = if goods.state == GoodsState::On { "on" } else { "off" };
    for sku in &goods.skus {
        let list_price = if sku.list_price == 0 { String::new() } else { sheet::major(sku.list_price, digits) };
        let stock = stocks.get(&sku.id).copied().unwrap_or_default();
        sheet.row([
            &goods.id.to_string(),
            &goods.title,
            &goods.description,
            &goods.pictures.join(" "),
            state,
            &sku.name,
            &sku.code,
            &sheet::major(sku.price, digits),
            &list_price,
            &stock.available().to_string(),
        ]);
    }
}

/// Whether a table is only looked at.
#[derive(Deserialize)]
pub struct Trying {
    #[serde(default)]
    dry: String,
}

/// What became of a table, or would.
#[derive(Default, Serialize)]
pub struct Report {
    created: usize,
    updated: usize,
    rows: usize,
    errors: Vec<Wrong>,
}

/// What is wrong in a line.
#[derive(Serialize)]
struct Wrong {
    line: u64,
    field: &'static str,
    code: &'static str,
    message: String,
}

/// `POST /api/v1/goods/import`.
pub async fn import(
    State(gateway): State<Gateway>,
    caller: Caller,
    key: Key,
    Asked(Trying { dry }): Asked<Trying>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")) {
        return Err(Problem::from(Fault::BadContentType).with_detail("the body must be text/csv"));
    }
    let bytes = to_bytes(request.into_body(), BYTES_MAX).await.map_err(|_| Fault::TooLarge)?;
    let (app, limits) = (caller.app, gateway.shared.shop.clone());
    let read = look(&gateway, move |table| Table::new(&limits).read(&bytes, &|id| table.one_goods(app, id)));
    let (drafts, report) = read.await?;
    if !report.errors.is_empty() {
        return Err(refused(&report));
    }
    if matches!(dry.as_str(), "1" | "true") {
        return Ok((Extension(Unchanged), Json(report)).into_response());
    }
    if !drafts.is_empty() {
        shop::write(&gateway, &caller, key, ShopCommand::ImportGoods(drafts)).await?;
    }
    let about = Extension(About(format!("+{} ~{}", report.created, report.updated)));
    Ok((about, Json(report)).into_response())
}

fn refused(report: &Report) -> Problem {
    let errors = serde_json::to_string(&report.errors).expect("plain values");
    let problem =
        Problem::from(Fault::BadRows).with_member("created", "0".into()).with_member("updated", "0".into());
    problem.with_member("rows", report.rows.to_string()).with_member("errors", errors)
}

/// What is wrong, without its line: the column, the code, and words for people.
type Mistake = (&'static str, &'static str, String);

fn bad(field: &'static str, words: impl Into<String>) -> Mistake {
    (field, Refusal::BadParameter(field).code(), words.into())
}

fn refusal(field: &'static str, refusal: ShopRefusal) -> Mistake {
    (field, refusal.code(), refusal.to_string())
}

/// A refusal of the rules, with the column that it is about.
fn by_rules(refused: &Refusal) -> Mistake {
    let field = match refused {
        Refusal::BadParameter(field) | Refusal::TooLong { field, .. } => field,
        Refusal::TooMany { what, .. } => what,
        _ => "",
    };
    let column = match field {
        "name" | "skus" => "variant",
        field => COLUMNS.into_iter().find(|column| *column == field).unwrap_or(""),
    };
    (column, refused.code(), refused.to_string())
}

/// The cells of a row, by column. `None`: the table does not have that column.
struct Cells<'a> {
    columns: &'a [Option<&'static str>],
    row: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    fn get(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|known| *known == Some(column))?;
        Some(sheet::unquoted(self.row.get(at)?))
    }

    /// What is in a cell, if anything is.
    fn filled(&self, column: &str) -> Option<&'a str> {
        self.get(column).filter(|cell| !cell.is_empty())
    }
}

/// Goods that a table is about: their rows, as far as they were read.
struct Pile {
    line: u64,
    before: Option<Goods>,
    draft: GoodsDraft,
}

/// A table as it is read.
struct Table<'a> {
    limits: &'a ShopLimits,
    digits: usize,
    piles: Vec<Pile>,
    by_id: HashMap<u64, usize>,
    by_title: HashMap<String, usize>,
    report: Report,
}

/// Looks goods up.
type Find<'a> = dyn Fn(u64) -> Result<Option<KeptGoods>, StoreError> + 'a;

impl<'a> Table<'a> {
    fn new(limits: &'a ShopLimits) -> Self {
        let digits = sheet::minor_digits(&limits.currency);
        let (by_id, by_title) = (HashMap::new(), HashMap::new());
        Self { limits, digits, piles: Vec::new(), by_id, by_title, report: Report::default() }
    }

    fn wrong(&mut self, line: u64, (field, code, message): Mistake) {
        if self.report.errors.len() < ERRORS_MAX {
            self.report.errors.push(Wrong { line, field, code, message });
        }
    }

    /// The goods to be saved, and what there is to say about the table.
    fn read(mut self, bytes: &[u8], find: &Find<'_>) -> Result<(Vec<GoodsDraft>, Report), StoreError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // Where the comma stands in numbers, spreadsheets put something else between cells.
        let delimiter = if head.contains(&b';') && !head.contains(&b',') { b';' } else { b',' };
        let mut table = csv::ReaderBuilder::new();
        let mut table = table.delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(bytes);
        let columns = match table.byte_headers() {
            Ok(head) => self.columns(&head.clone()),
            Err(_) => Vec::new(),
        };
        let mut row = csv::ByteRecord::new();
        while self.report.errors.len() < ERRORS_MAX && !columns.is_empty() {
            // Reading from memory, and rows of any length: there is nothing to fail.
            if !table.read_byte_record(&mut row).unwrap_or(false) {
                break;
            }
            let line = row.position().map_or(0, csv::Position::line);
            if row.iter().all(<[u8]>::is_empty) {
                continue;
            }
            self.report.rows += 1;
            if self.report.rows > ROWS_MAX {
                self.wrong(line, too_many(ROWS_MAX));
                break;
            }
            let taken = match csv::StringRecord::from_byte_record(row.clone()) {
                Ok(row) if row.len() == columns.len() => {
                    self.row(line, &Cells { columns: &columns, row: &row }, find)?
                }
                Ok(row) => Err(bad("", format!("{} cells instead of {}", row.len(), columns.len()))),
                Err(_) => Err(bad("", "not in UTF-8")),
            };
            if let Err(mistake) = taken {
                self.wrong(line, mistake);
            }
        }
        self.conclude()
    }

    /// Which column is where. Empty: this is no table of goods.
    fn columns(&mut self, head: &csv::ByteRecord) -> Vec<Option<&'static str>> {
        let mut columns = Vec::new();
        for name in head {
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            let known = COLUMNS.into_iter().find(|column| *column == name);
            match known {
                None => self.wrong(1, bad("", format!("there is no column {name}"))),
                Some(known) if columns.contains(&Some(known)) => {
                    self.wrong(1, bad(known, "this column is there twice"))
                }
                Some(_) => {}
            }
            columns.push(known);
        }
        let has = |column| columns.contains(&Some(column));
        if !has("id") && !has("title") {
            self.wrong(1, bad("title", "this column is missing"));
        }
        if self.report.errors.is_empty() { columns } else { Vec::new() }
    }

    fn row(&mut self, line: u64, cells: &Cells<'_>, find: &Find<'_>) -> Result<Result<(), Mistake>, StoreError> {
        let at = match self.pile(line, cells, find)? {
            Ok(at) => at,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let Pile { before, draft, .. } = &self.piles[at];
        let sku = variant(cells, before.as_ref(), self.digits).and_then(|sku| {
            let twice = |other: &SkuDraft| {
                (&other.name, &other.code) == (&sku.name, &sku.code) || (sku.id.is_some() && other.id == sku.id)
            };
            if draft.skus.iter().any(twice) {
                return Err(bad("variant", "this variant is there twice"));
            }
            sku.check(self.limits).map_err(|refused| by_rules(&refused))?;
            Ok(sku)
        });
        Ok(sku.map(|sku| self.piles[at].draft.skus.push(sku)))
    }

    /// The goods of a row: known ones by their number, new ones by their title.
    fn pile(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        find: &Find<'_>,
    ) -> Result<Result<usize, Mistake>, StoreError> {
        let id = match cells.filled("id").map(str::parse::<u64>) {
            Some(Err(_)) => return Ok(Err(bad("id", "not a number"))),
            Some(Ok(id)) => Some(id),
            None => None,
        };
        let title = cells.filled("title");
        let known = match (id, title) {
            (Some(id), _) => self.by_id.get(&id),
            (None, Some(title)) => self.by_title.get(title),
            (None, None) => return Ok(Err(bad("title", "new goods need a title"))),
        };
        if let Some(at) = known.copied() {
            return Ok(self.agrees(at, cells).map(|()| at));
        }
        let before = match id {
            None => None,
            Some(id) => match find(id)? {
                None => return Ok(Err(refusal("id", ShopRefusal::GoodsMissing))),
                Some(kept) => Some(kept.goods),
            },
        };
        let draft = match goods(cells, before.as_ref()) {
            Ok(draft) => draft,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let at = self.piles.len();
        match (id, title) {
            (Some(id), _) => _ = self.by_id.insert(id, at),
            (None, title) => _ = self.by_title.insert(title.unwrap_or_default().to_owned(), at),
        }
        self.piles.push(Pile { line, before, draft });
        Ok(Ok(at))
    }

    /// Whether another row of goods says nothing else about them than the first.
    fn agrees(&self, at: usize, cells: &Cells<'_>) -> Result<(), Mistake> {
        let Pile { line, draft, .. } = &self.piles[at];
        let state = if draft.state == GoodsState::On { "on" } else { "off" };
        let pictures = draft.pictures.join(" ");
        let said = [("title", &*draft.title), ("description", &*draft.description), ("state", state)];
        let other = said.into_iter().find(|(column, said)| cells.filled(column).is_some_and(|cell| cell != *said));
        let others = cells.filled("pictures").is_some_and(|cell| !cell.split_whitespace().eq(pictures.split(' ')));
        match other.map(|(column, _)| column).or(others.then_some("pictures")) {
            Some(column) => Err(bad(column, format!("says something else than line {line} about the same goods"))),
            None => Ok(()),
        }
    }

    fn conclude(mut self) -> Result<(Vec<GoodsDraft>, Report), StoreError> {
        let mut drafts = Vec::new();
        for Pile { line, before, draft } in std::mem::take(&mut self.piles) {
            // Goods of which no row could be taken have been told about already.
            if !draft.skus.is_empty() {
                match draft.check(self.limits) {
                    Err(refused) => self.wrong(line, by_rules(&refused)),
                    Ok(()) if drafts.len() == self.limits.import_max => {
                        self.wrong(line, too_many(self.limits.import_max));
                        break;
                    }
                    Ok(()) => {}
                }
            }
            if before.is_some() {
                self.report.updated += 1;
            } else {
                self.report.created += 1;
            }
            drafts.push(draft);
        }
        self.report.errors.sort_by_key(|wrong| wrong.line);
        Ok((drafts, self.report))
    }
}

fn too_many(limit: usize) -> Mistake {
    let refused = Refusal::TooMany { what: "goods at once", limit };
    ("", refused.code(), refused.to_string())
}

/// What a row says of its goods; what it does not say stays as it was.
fn goods(cells: &Cells<'_>, before: Option<&Goods>) -> Result<GoodsDraft, Mistake> {
    let state = match cells.filled("state") {
        None => before.map_or(GoodsState::On, |goods| goods.state),
        Some("on") => GoodsState::On,
        Some("off") => GoodsState::Off,
        Some(_) => return Err(bad("state", "on or off")),
    };
    let pictures = cells.get("pictures").map(|cell| cell.split_whitespace().map(Arc::from).collect());
    Ok(GoodsDraft {
        id: before.map(|goods| goods.id),
        title: cells.filled("title").map(Arc::from).or(before.map(|goods| goods.title.clone())).unwrap_or_default(),
        description: said_or(cells, "description", before.map(|goods| &goods.description)),
        pictures: pictures.or(before.map(|goods| goods.pictures.clone())).unwrap_or_default(),
        state,
        skus: Vec::new(),
    })
}

fn said_or(cells: &Cells<'_>, column: &str, before: Option<&Arc<str>>) -> Arc<str> {
    cells.get(column).map(Arc::from).or(before.cloned()).unwrap_or_default()
}

/// The variant of a row. One of known goods is found by its code, or else by its name.
fn variant(cells: &Cells<'_>, before: Option<&Goods>, digits: usize) -> Result<SkuDraft, Mistake> {
    let (name, code) = (cells.get("variant"), cells.filled("code"));
    let skus = before.map_or(&[][..], |goods| &goods.skus);
    let by_code = code.and_then(|code| skus.iter().find(|sku| *sku.code == *code));
    let before: Option<&Sku> = by_code.or_else(|| skus.iter().find(|sku| *sku.name == *name.unwrap_or_default()));
    let money = |column| cells.filled(column).map(|cell| amount(column, cell, digits)).transpose();
    let price = money("price")?.or(before.map(|sku| sku.price)).ok_or_else(|| bad("price", "is missing"))?;
    let list_price = match cells.get("list_price") {
        None => before.map_or(0, |sku| sku.list_price),
        Some(_) => money("list_price")?.unwrap_or(0),
    };
    money::some(price).map_err(|_| refusal("price", ShopRefusal::BadAmount))?;
    Ok(SkuDraft {
        id: before.map(|sku| sku.id),
        name: said_or(cells, "variant", before.map(|sku| &sku.name)),
        code: said_or(cells, "code", before.map(|sku| &sku.code)),
        price,
        list_price,
        stock: cells.filled("stock").map(pieces).transpose()?,
    })
}

/// An amount of the shop's currency, in major units. Another currency is not taken for ours.
fn amount(column: &'static str, cell: &str, digits: usize) -> Result<i64, Mistake> {
    if cell.contains(|c: char| c.is_alphabetic() || (!c.is_ascii() && !c.is_whitespace()) || c == '$') {
        return Err(refusal(column, ShopRefusal::CurrencyMismatch));
    }
    let amount = sheet::minor(cell, digits)
        .ok_or_else(|| bad(column, format!("not an amount such as {}", sheet::major(3990, digits))))?;
    money::amount(amount).map_err(|_| refusal(column, ShopRefusal::BadAmount))
}

fn pieces(cell: &str) -> Result<i64, Mistake> {
    let pieces = cell.parse().map_err(|_| bad("stock", "not a whole number"))?;
    money::amount(pieces).map_err(|_| refusal("stock", ShopRefusal::BadAmount))
}
