//! The documentation, which lies as Markdown in `docs/` and is read here as pages.
//!
//! A page is written once for each language, `docs/en/tim.md` and `docs/zh/tim.md`; what lies in `docs/` itself is in
//! English only. `SUMMARY.md` of each language is the table of contents beside every page.

mod render;

use super::pages::{Embedded, file_response, html_response, prefers_chinese};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use render::{Markdown, Page, render};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../docs"]
struct Docs;

#[derive(Embed)]
#[folder = "src/gateway/docs/style"]
struct Style;

/// The languages of the pages, the first for who does not say.
const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

/// A language that the pages are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    English,
    Chinese,
}

impl Language {
    /// Its folder, and the tag of its pages.
    fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    fn of(tag: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.tag() == tag)
    }
}

/// `GET /docs`: the first page, in the reader's language.
pub async fn home(headers: HeaderMap) -> Redirect {
    let language = if prefers_chinese(&headers) { Language::Chinese } else { Language::English };
    Redirect::temporary(&format!("/docs/{}/index", language.tag()))
}

/// `GET /docs/…`: a page, its Markdown if the address ends so, or a picture.
pub async fn page(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if path == "docs.css" {
        return embedded(Style::get("docs.css").map(Embedded::guessed), &headers);
    }
    if path.ends_with(".md") {
        return embedded(Docs::get(&path).map(Embedded::markdown), &headers);
    }
    if let Some(file) = Docs::get(&path) {
        return embedded(Some(Embedded::guessed(file)), &headers);
    }
    match find(&path) {
        Some(page) => html_response(render(&page), &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn embedded(file: Option<Embedded>, headers: &HeaderMap) -> Response {
    file.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |file| file_response(&file, headers, "no-cache"))
}

/// The page of an address below `/docs/`. One that is in English only is shown between the English contents.
fn find(path: &str) -> Option<Page> {
    let body = markdown(&format!("{path}.md"))?;
    let (language, name) = match path.split_once('/') {
        Some((tag, name)) => (Language::of(tag)?, Some(name)),
        None => (Language::English, None),
    };
    let other = LANGUAGES.into_iter().find(|other| *other != language)?;
    let translated = name.map(|name| format!("{}/{name}", other.tag()));
    let translated = translated.filter(|path| Docs::get(&format!("{path}.md")).is_some());
    Some(Page {
        language,
        path: path.to_owned(),
        contents: markdown(&format!("{}/SUMMARY.md", language.tag()))?,
        body,
        other: translated.unwrap_or_else(|| format!("{}/index", other.tag())),
    })
}

fn markdown(path: &str) -> Option<Markdown> {
    String::from_utf8(Docs::get(path)?.data.into_owned()).ok().map(Markdown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Pages that have an address, in the order of their names.
    fn addresses() -> Vec<String> {
        let files = Docs::iter().filter_map(|file| file.strip_suffix(".md").map(str::to_owned));
        files.filter(|path| !path.ends_with("SUMMARY")).collect()
    }

    #[test]
    fn every_page_is_in_both_languages_and_in_the_contents() {
        let pages = |language: Language| -> BTreeSet<String> {
            let within = format!("{}/", language.tag());
            addresses().iter().filter_map(|path| path.strip_prefix(&within).map(str::to_owned)).collect()
        };
        assert_eq!(pages(Language::English), pages(Language::Chinese));
        for language in LANGUAGES {
            let contents = render(&find(&format!("{}/index", language.tag())).expect("the first page"));
            for page in pages(language) {
                let link = format!("href=\"/docs/{}/{page}\"", language.tag());
                assert!(contents.contains(&link), "{page} is not in the contents of {language:?}");
            }
        }
    }

    /// Places in an address are written in percents where they are not ASCII; ids are not.
    fn percent_decoded(text: &str) -> String {
        let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
        while let [first, after @ ..] = rest {
            let hex =
                (*first == b'%').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
            let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(byte.unwrap_or(*first));
            rest = if byte.is_some() { &after[2..] } else { after };
        }
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn every_link_and_picture_leads_somewhere() {
        for path in addresses() {
            let html = render(&find(&path).unwrap_or_else(|| panic!("{path} has no page")));
            for part in html.split(['"']).filter(|part| part.starts_with("/docs/")) {
                let (target, place) =
                    part["/docs/".len()..].split_once('#').unwrap_or((&part["/docs/".len()..], ""));
                let there = target == "docs.css" || Docs::get(target).is_some() || find(target).is_some();
                assert!(there, "{path} leads to {part}");
                if let Some(page) = find(target).filter(|_| !place.is_empty()) {
                    let place = percent_decoded(place);
                    assert!(render(&page).contains(&format!("id=\"{place}\"")), "{path} leads to {part}");
                }
            }
        }
    }
}
