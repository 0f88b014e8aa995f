//! Reads goods from a table. What is wrong is told line by line, and then nothing of the table is taken.

use super::sheet;
use hawker_core::Refusal;
use hawker_core::shop::goods::{Goods, GoodsDraft, GoodsState, Sku, SkuDraft};
use hawker_core::shop::{ShopLimits, ShopRefusal, money};
use hawker_store::{KeptGoods, StoreError};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a table.
const ROWS_MAX: usize = 20_000;
/// Mistakes that are told; whoever has made more will come again.
const ERRORS_MAX: usize = 200;

/// The columns.
pub const COLUMNS: [&str; 10] =
    ["id", "title", "description", "pictures", "state", "variant", "code", "price", "list_price", "stock"];

/// What became of a table, or would.
#[derive(Default, Serialize)]
pub struct Report {
    /// Goods that are new.
    pub created: usize,
    /// Goods that were there.
    pub updated: usize,
    /// Rows with anything in them.
    pub rows: usize,
    /// What is wrong, by line.
    pub errors: Vec<Wrong>,
}

/// What is wrong in a line.
#[derive(Serialize)]
pub struct Wrong {
    line: u64,
    field: &'static str,
    code: &'static str,
    message: String,
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

/// Why a row is not taken.
enum Stop {
    Wrong(Mistake),
    Store(StoreError),
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Self::Wrong(mistake)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The goods to be saved, and what there is to say about the table.
pub fn read(limits: &ShopLimits, bytes: &[u8], find: &Find<'_>) -> Result<(Vec<GoodsDraft>, Report), StoreError> {
    let mut table = Table::new(limits);
    table.rows(bytes, find)?;
    Ok(table.conclude())
}

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

    fn rows(&mut self, bytes: &[u8], find: &Find<'_>) -> Result<(), StoreError> {
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
            let line = row.position().map_or(0, |position| line_of(bytes, position));
            if row.iter().all(<[u8]>::is_empty) {
                continue;
            }
            self.report.rows += 1;
            if self.report.rows > ROWS_MAX {
                self.wrong(line, too_many(ROWS_MAX));
                break;
            }
            match self.row(line, &columns, row.clone(), find) {
                Err(Stop::Wrong(mistake)) => self.wrong(line, mistake),
                Err(Stop::Store(error)) => return Err(error),
                Ok(()) => {}
            }
        }
        Ok(())
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

    fn row(
        &mut self,
        line: u64,
        columns: &[Option<&'static str>],
        row: csv::ByteRecord,
        find: &Find<'_>,
    ) -> Result<(), Stop> {
        let row = csv::StringRecord::from_byte_record(row).map_err(|_| bad("", "not in UTF-8"))?;
        if row.len() != columns.len() {
            return Err(bad("", format!("{} cells instead of {}", row.len(), columns.len())).into());
        }
        let cells = Cells { columns, row: &row };
        let at = self.pile(line, &cells, find)?;
        let Pile { before, draft, .. } = &mut self.piles[at];
        let sku = variant(&cells, before.as_ref(), &draft.skus, self.digits)?;
        let twice = draft.skus.iter().any(|other| (&other.name, &other.code) == (&sku.name, &sku.code));
        let before = sku.id.and_then(|id| before.as_ref()?.sku(id));
        let twins = before.is_some_and(|before| (&before.name, &before.code) == (&sku.name, &sku.code));
        if twice && !twins {
            return Err(bad("variant", "this variant is there twice").into());
        }
        sku.check(self.limits).map_err(|refused| by_rules(&refused))?;
        draft.skus.push(sku);
        Ok(())
    }

    /// The goods of a row: known ones by their number, new ones by their title.
    fn pile(&mut self, line: u64, cells: &Cells<'_>, find: &Find<'_>) -> Result<usize, Stop> {
        let id = cells.filled("id").map(str::parse::<u64>).transpose().map_err(|_| bad("id", "not a number"))?;
        let title = cells.filled("title");
        let known = match (id, title) {
            (Some(id), _) => self.by_id.get(&id),
            (None, Some(title)) => self.by_title.get(title),
            (None, None) => return Err(bad("title", "new goods need a title").into()),
        };
        if let Some(at) = known.copied() {
            agrees(&self.piles[at], cells)?;
            return Ok(at);
        }
        let missing = || refusal("id", ShopRefusal::GoodsMissing);
        let before = id.map(|id| find(id)?.ok_or_else(|| Stop::from(missing()))).transpose()?;
        let before = before.map(|kept| kept.goods);
        let (at, draft) = (self.piles.len(), goods(cells, before.as_ref())?);
        match id {
            Some(id) => _ = self.by_id.insert(id, at),
            None => _ = self.by_title.insert(draft.title.to_string(), at),
        }
        self.piles.push(Pile { line, before, draft });
        Ok(at)
    }

    fn conclude(mut self) -> (Vec<GoodsDraft>, Report) {
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
        (drafts, self.report)
    }
}

/// Whether another row of goods says nothing else about them than the first.
fn agrees(Pile { line, draft, .. }: &Pile, cells: &Cells<'_>) -> Result<(), Mistake> {
    let state = if draft.state == GoodsState::On { "on" } else { "off" };
    let same = |column, said: &str| cells.filled(column).is_none_or(|cell| cell == said);
    let pictures = draft.pictures.iter().map(|picture| &**picture);
    let said = [
        ("title", same("title", &draft.title)),
        ("description", same("description", &draft.description)),
        ("pictures", cells.filled("pictures").is_none_or(|cell| cell.split_whitespace().eq(pictures))),
        ("state", same("state", state)),
    ];
    match said.into_iter().find(|(_, same)| !same) {
        Some((column, _)) => Err(bad(column, format!("says something else than line {line} about the same goods"))),
        None => Ok(()),
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

/// The variant of known goods that a row is about: of those that no row before is about, one with its code and name, or else
/// with its code, or else with its name.
fn known_variant<'a>(cells: &Cells<'_>, goods: &'a Goods, taken: &[SkuDraft]) -> Option<&'a Sku> {
    let free = || goods.skus.iter().filter(|sku| taken.iter().all(|other| other.id != Some(sku.id)));
    let named = |sku: &&Sku| *sku.name == *cells.get("variant").unwrap_or_default();
    let coded = |sku: &&Sku| cells.filled("code").is_some_and(|code| *sku.code == *code);
    free().find(|sku| named(sku) && coded(sku)).or_else(|| free().find(coded)).or_else(|| free().find(named))
}

/// The variant of a row.
fn variant(
    cells: &Cells<'_>,
    goods: Option<&Goods>,
    taken: &[SkuDraft],
    digits: usize,
) -> Result<SkuDraft, Mistake> {
    let before = goods.and_then(|goods| known_variant(cells, goods, taken));
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

/// The line that a row begins in. The reader stands behind the last row, before the line ends that come first.
fn line_of(bytes: &[u8], position: &csv::Position) -> u64 {
    let rest = bytes.get(position.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + ends.filter(|byte| **byte == b'\n').count() as u64
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
