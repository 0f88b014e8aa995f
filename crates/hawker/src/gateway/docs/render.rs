//! From Markdown to a page.

use super::Language;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::HashMap;
use std::fmt::Write;

/// A text of the documentation.
pub struct Markdown(pub String);

/// A page to be shown.
pub struct Page {
    pub language: Language,
    /// Its address below `/docs/`.
    pub path: String,
    /// The table of contents beside it.
    pub contents: Markdown,
    pub body: Markdown,
    /// The address of the same in the other language.
    pub other: String,
}

/// The whole page.
pub fn render(page: &Page) -> String {
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let body = article(&page.body, folder);
    let contents = article(&page.contents, page.language.tag()).html;
    // The page itself is marked in the contents.
    let here = format!("href=\"/docs/{}\"", page.path);
    let contents = contents.replace(&here, &format!("{here} aria-current=\"page\""));
    let words = Words::of(page.language);
    let Page { path, other, .. } = page;
    let on_this_page = on_this_page(&body.sections, words.on_this_page);
    format!(
        r##"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · hawker</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
<a class="skip" href="#text">{skip}</a>
<header class="top">
<a class="brand" href="/docs/{tag}/index"><img src="/icon.svg" alt="" width="28" height="28">hawker</a>
<nav aria-label="{pages}"><a href="/docs/{path}.md">Markdown</a><a href="/docs/{other}" hreflang="{other_lang}">{other_name}</a></nav>
</header>
<div class="sheet">
<details class="contents"><summary>{contents_word}</summary><nav aria-label="{contents_word}">{contents}</nav></details>
<nav class="contents wide" aria-label="{contents_word}">{contents}</nav>
<main id="text">{html}</main>
{on_this_page}</div>
</body>
</html>
"##,
        lang = words.lang,
        title = escaped(&body.title),
        skip = words.skip,
        tag = page.language.tag(),
        pages = words.pages,
        other_lang = words.other_lang,
        other_name = words.other_name,
        contents_word = words.contents,
        html = body.html,
    )
}

struct Words {
    lang: &'static str,
    skip: &'static str,
    pages: &'static str,
    contents: &'static str,
    on_this_page: &'static str,
    other_lang: &'static str,
    other_name: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                lang: "en",
                skip: "To the text",
                pages: "Page",
                contents: "Contents",
                on_this_page: "On this page",
                other_lang: "zh-CN",
                other_name: "中文",
            },
            Language::Chinese => Self {
                lang: "zh-CN",
                skip: "跳到正文",
                pages: "页面",
                contents: "目录",
                on_this_page: "本页内容",
                other_lang: "en",
                other_name: "English",
            },
        }
    }
}

/// A text as HTML, with its title and its sections.
struct Article {
    title: String,
    html: String,
    /// The id and the heading of each section.
    sections: Vec<(String, String)>,
}

fn article(text: &Markdown, folder: &str) -> Article {
    let mut events: Vec<Event<'_>> = Parser::new_ext(&text.0, Options::ENABLE_TABLES).collect();
    let (title, sections) = name_headings(&mut events);
    let events = events.into_iter().flat_map(|event| match event {
        // A wide table scrolls by itself, not the page.
        Event::Start(Tag::Table(alignments)) => {
            vec![Event::Html("<div class=\"table\">".into()), Event::Start(Tag::Table(alignments))]
        }
        Event::End(TagEnd::Table) => vec![Event::End(TagEnd::Table), Event::Html("</div>".into())],
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            vec![Event::Start(Tag::Link { link_type, dest_url: address(&dest_url, folder), title, id })]
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            vec![Event::Start(Tag::Image { link_type, dest_url: address(&dest_url, folder), title, id })]
        }
        event => vec![event],
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    Article { title, html: out, sections }
}

/// Gives headings ids to be linked to; returns the title and the sections.
fn name_headings(events: &mut [Event<'_>]) -> (String, Vec<(String, String)>) {
    let (mut title, mut sections) = (String::new(), Vec::new());
    let mut taken: HashMap<String, u32> = HashMap::new();
    for at in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else { continue };
        let level = *level;
        let rest = events[at..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text: String = rest
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let mut name = slug(&text);
        let count = taken.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let _ = write!(name, "-{}", *count - 1);
        }
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(name.clone().into());
        }
        match level {
            HeadingLevel::H1 if title.is_empty() => title = text,
            HeadingLevel::H2 => sections.push((name, text)),
            _ => {}
        }
    }
    (title, sections)
}

/// The id of a heading, as the sites that show Markdown make it.
fn slug(text: &str) -> String {
    let kept = text
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect::<String>();
    kept.trim().replace(' ', "-")
}

/// Where a link of a page in `folder` leads; Markdown files link to each other by their names.
fn address<'a>(link: &str, folder: &str) -> CowStr<'a> {
    let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
    if path.is_empty() || path.starts_with('/') || path.contains(':') {
        return link.to_owned().into();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let path = path.strip_suffix(".md").unwrap_or(&path);
    let place = place.map(|place| format!("#{place}")).unwrap_or_default();
    format!("/docs/{path}{place}").into()
}

fn on_this_page(sections: &[(String, String)], word: &str) -> String {
    if sections.len() < 2 {
        return String::new();
    }
    let link = |(id, text): &(String, String)| format!("<li><a href=\"#{id}\">{}</a></li>", escaped(text));
    let links: String = sections.iter().map(link).collect();
    format!("<aside class=\"here\" aria-label=\"{word}\"><p>{word}</p><ul>{links}</ul></aside>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages() {
        for (link, folder, want) in [
            ("tim.md", "en", "/docs/en/tim"),
            ("tim.md#errors", "en", "/docs/en/tim#errors"),
            ("../wire-extensions.md", "zh", "/docs/wire-extensions"),
            ("../images/a.png", "zh", "/docs/images/a.png"),
            ("compatibility.md", "", "/docs/compatibility"),
            ("#here", "en", "#here"),
            ("/studio", "en", "/studio"),
            ("https://example.org/a.md", "en", "https://example.org/a.md"),
        ] {
            assert_eq!(&*address(link, folder), want, "{link}");
        }
    }

    #[test]
    fn headings_can_be_linked_to() {
        let text = Markdown("# A `Title` & more\n\n## 事件 EVENT\n\n## One\n\n## One\n\n<b>\n".to_owned());
        let Article { title, sections, html } = article(&text, "en");
        assert_eq!(title, "A Title & more");
        let ids: Vec<_> = sections.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["事件-event", "one", "one-1"]);
        assert!(html.contains("<h2 id=\"one-1\">One</h2>"), "{html}");
    }
}
