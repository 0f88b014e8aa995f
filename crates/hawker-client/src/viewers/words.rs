//! What scripted viewers are called and what they say, in Chinese and English.

use crate::protocol::Random;

/// Goods the demo host shows: id, Chinese title, English title, price in fen (CNY).
pub(super) const GOODS: &[Goods] = &[
    Goods { id: "mug", zh: "手工陶瓷杯", en: "Ceramic mug", price_minor: 5_900 },
    Goods { id: "oolong", zh: "桂花乌龙茶", en: "Osmanthus oolong", price_minor: 8_800 },
    Goods { id: "apron", zh: "亚麻围裙", en: "Linen apron", price_minor: 12_900 },
    Goods { id: "basket", zh: "竹编收纳篮", en: "Bamboo basket", price_minor: 7_600 },
    Goods { id: "candle", zh: "香薰蜡烛", en: "Scented candle", price_minor: 4_500 },
    Goods { id: "shawl", zh: "羊毛披肩", en: "Wool shawl", price_minor: 19_900 },
];

/// Gifts every page can draw.
pub(super) const GIFTS: &[&str] = &["rose", "tea", "candy", "lantern", "balloon", "crown", "rocket", "firework"];

pub(super) const ANNOUNCEMENTS: &[&str] = &[
    "欢迎来到直播间,今天全场包邮 · Welcome! Free shipping on everything today",
    "关注主播领优惠券 · Follow the host for a coupon",
    "下一件马上开讲 · The next item is coming right up",
    "有问题请打在公屏上 · Ask your questions in the chat",
];

/// Said by who has no picture to show.
pub(super) const GREETING: &str = "大家好 · Hello";

const NICKS: &[&str] = &[
    "小雨", "晴天", "柚子", "南风", "星河", "豆豆", "橙子", "山茶", "木木", "小满", "海盐", "青团", "Sunny",
    "Maple", "Pebble", "Latte", "Nova", "Clover", "Mango", "River",
];

/// `{}` stands for the goods being shown.
const LINES_ZH: &[&str] = &[
    "{}还有货吗?",
    "{}有几种颜色?",
    "这个{}怎么清洗?",
    "已经下单{}了",
    "{}上次买过,质量不错",
    "主播能近一点看看{}吗",
    "{}保质期多久?",
    "多少钱呀",
    "包邮吗?",
    "刚来,讲到哪一件了?",
    "主播好",
    "这个颜色真好看",
    "求链接",
    "可以再优惠一点吗",
    "发什么快递?",
    "666",
    "喜欢喜欢",
    "送人合适吗?",
    "尺寸有多大?",
    "声音有点小",
];
const LINES_EN: &[&str] = &[
    "Is the {} still in stock?",
    "Which colours does the {} come in?",
    "How do I clean the {}?",
    "Just ordered the {}!",
    "Bought the {} last time, really good",
    "Can we see the {} up close?",
    "How long does the {} last?",
    "How much is it?",
    "Is shipping free?",
    "Just got here, what did I miss?",
    "Hello everyone",
    "That colour is lovely",
    "Any discount?",
    "How big is it?",
    "Would it make a good present?",
    "So pretty",
    "Love this show",
    "Which one is next?",
    "Could you turn up the sound?",
    "Nice!",
];

/// Goods of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Goods {
    pub(super) id: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) price_minor: u64,
}

impl Goods {
    /// The card as the room field `add_goods` holds it, and as a purchase names it.
    pub(super) fn card(&self) -> String {
        let title = format!("{} {}", self.zh, self.en);
        // The server that puts on a demo brings these pictures along.
        let picture = format!("/demo/{}.svg", self.id);
        serde_json::json!({"id": self.id, "title": title, "price": self.price_minor, "currency": "CNY", "picture": picture})
            .to_string()
    }
}

fn pick(random: &mut Random, lines: &[&'static str]) -> &'static str {
    lines[random.below(lines.len() as u64) as usize]
}

/// What the `number`th viewer is called; every other one is just a number.
pub(super) fn nick(number: usize) -> String {
    let (round, place) = (number / (2 * NICKS.len()), number / 2 % NICKS.len());
    match (number % 2, round) {
        (0, 0) => NICKS[place].to_owned(),
        (0, round) => format!("{}{}", NICKS[place], round + 1),
        _ if number % 4 == 1 => format!("Viewer {number}"),
        _ => format!("观众{number}"),
    }
}

/// Something to say about the goods being shown.
pub(super) fn line(random: &mut Random, goods: &Goods) -> String {
    if random.below(5) < 3 {
        pick(random, LINES_ZH).replace("{}", goods.zh)
    } else {
        pick(random, LINES_EN).replace("{}", &goods.en.to_lowercase())
    }
}
