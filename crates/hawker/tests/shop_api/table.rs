//! Goods as a table: out and in, whole or not at all.

use super::*;

fn import(console: &Console, query: &str, body: &[u8]) -> Reply {
    send_with(console, "POST", &format!("{GOODS}/import{query}"), &[("Content-Type", "text/csv")], body)
}

/// Line, column and code of each mistake.
fn mistakes(reply: &Reply) -> Vec<(u64, String, String)> {
    is(reply, 422, "bad_rows");
    let errors = reply.json()["errors"].as_array().unwrap().clone();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    errors.iter().map(|one| (one["line"].as_u64().unwrap(), text(one, "field"), text(one, "code"))).collect()
}

fn mistake(line: u64, field: &str, code: &str) -> (u64, String, String) {
    (line, field.to_owned(), code.to_owned())
}

const TABLE: &str = "\u{feff}id,title,description,pictures,state,variant,code,price,list_price,stock\r\n\
    ,绿茶,\"fresh, \"\"green\"\"\",/a.png /b.png,on,50 g,T50,39.90,49.9,10\r\n\
    ,绿茶,,,,100 g,T100,69,,5\r\n\
    ,'=Cup,,,off,,,8.5,,\r\n\
    ,,,,,,,,,\r\n";

#[test]
fn a_table_goes_in_and_comes_out_again() {
    let (_server, console) = shop();
    let before = entries(&console);
    let dry = import(&console, "?dry=1", TABLE.as_bytes());
    assert_eq!((dry.status, dry.json()), (200, json!({ "created": 2, "updated": 0, "rows": 3, "errors": [] })));
    assert_eq!((&console.read(GOODS)["items"], entries(&console)), (&json!([]), before), "it was only looked at");
    let done = import(&console, "", TABLE.as_bytes());
    assert_eq!(done.json()["created"], 2, "{}", done.text());
    assert_eq!(last_entry(&console), ("goods.imported".into(), "+2 ~0".into()));
    let goods = console.read(GOODS)["items"].clone();
    let (tea, cup) = (&goods[1], &goods[0]);
    assert_eq!((&tea["title"], &tea["description"]), (&json!("绿茶"), &json!("fresh, \"green\"")));
    assert_eq!((&tea["pictures"], &tea["skus"][0]["listPrice"]), (&json!(["/a.png", "/b.png"]), &json!(4990)));
    assert_eq!((&tea["skus"][1]["price"], &tea["skus"][1]["available"]), (&json!(6900), &json!(5)));
    assert_eq!(
        (&cup["title"], &cup["state"], &cup["skus"][0]["price"]),
        (&json!("=Cup"), &json!("off"), &json!(850))
    );

    let exported = console.get(&format!("{GOODS}/export"));
    let lines = lines(&exported);
    assert_eq!(lines[0], "id,title,description,pictures,state,variant,code,price,list_price,stock");
    assert_eq!(lines[1], format!("{},'=Cup,,,off,,,8.50,,0", cup["id"]), "no cell is a formula");
    assert_eq!(lines.len(), 4);

    // What came out goes in again, and changes nothing but when.
    let again = import(&console, "", &exported.body);
    assert_eq!((&again.json()["created"], &again.json()["updated"]), (&json!(0), &json!(2)), "{}", again.text());
    let mut after = console.read(GOODS)["items"].clone();
    for (after, before) in after.as_array_mut().unwrap().iter_mut().zip(goods.as_array().unwrap()) {
        after["changedAt"] = before["changedAt"].clone();
    }
    assert_eq!(after, goods);
}

#[test]
fn a_table_with_few_columns_leaves_the_rest_as_it_was() {
    let (_server, console) = shop();
    import(&console, "", TABLE.as_bytes());
    let tea = console.read(&format!("{GOODS}?q=T50"))["items"][0].clone();
    let id = &tea["id"];
    // Semicolons and commas in numbers: a spreadsheet of another country.
    let table = format!("id;code;price;stock\n{id};T50;35,5;7\n{id};T100;;\n");
    assert_eq!(import(&console, "", table.as_bytes()).json()["updated"], 1);
    let after = console.read(&format!("{GOODS}/{id}"));
    assert_eq!((&after["title"], &after["pictures"]), (&tea["title"], &tea["pictures"]));
    assert_eq!((&after["skus"][0]["price"], &after["skus"][0]["available"]), (&json!(3550), &json!(7)));
    assert_eq!(after["skus"][0]["listPrice"], 4990);
    assert_eq!((&after["skus"][1]["id"], &after["skus"][1]["price"]), (&tea["skus"][1]["id"], &json!(6900)));
    assert_eq!(after["skus"][1]["available"], 5);
}

#[test]
fn variants_are_known_again_in_any_order() {
    let (_server, console) = shop();
    let sku = |name: &str, code: &str| json!({ "name": name, "code": code, "price": 100, "stock": 1 });
    let skus = [sku("Red", "T"), sku("Blue", "T"), sku("Twin", ""), sku("Twin", "")];
    let made = console.done("POST", GOODS, &json!({ "title": "Tea", "skus": skus }));
    let id = &made["id"];
    let table =
        format!("id,variant,code,price\n{id},Blue,T,2\n{id},Red,T,3\n{id},Twin,,4\n{id},Twin,,5\n{id},Green,G,6\n");
    assert_eq!(import(&console, "", table.as_bytes()).status, 200);
    let after = console.read(&format!("{GOODS}/{id}"));
    let ids = |goods: &Value, order: &[usize]| -> Vec<Value> {
        order.iter().map(|at| goods["skus"][at]["id"].clone()).collect()
    };
    assert_eq!(ids(&after, &[1, 0, 2, 3]), ids(&made, &[0, 1, 2, 3]));
    assert_eq!((&after["skus"][4]["name"], &after["skus"][4]["available"]), (&json!("Green"), &json!(0)));
    let twice = format!("id,variant,code,price\n{id},Red,T,1\n{id},Red,T,1\n");
    let wrong = mistakes(&import(&console, "", twice.as_bytes()));
    assert_eq!(wrong, [mistake(3, "variant", "bad_parameter")], "and is not taken for another of the same code");
}

#[test]
fn broken_lines_are_named_and_nothing_is_imported() {
    let (_server, console) = shop();
    let long = "x".repeat(201);
    let table = format!(
        "id,title,description,pictures,state,variant,code,price,list_price,stock\n\
         ,Good,,,on,,,39.90,,1\n\
         ,Negative,,,on,,,-1,,1\n\
         ,Words,,,on,,,cheap,,1\n\
         ,Dollars,,,on,,,$5,,1\n\
         ,Euros,,,on,,,5 EUR,,1\n\
         ,Mills,,,on,,,39.999,,1\n\
         ,Huge,,,on,,,99999999999999,,1\n\
         999999,Unknown,,,on,,,1,,1\n\
         x,Number,,,on,,,1,,1\n\
         ,,,,on,,,1,,1\n\
         ,State,,,sometimes,,,1,,1\n\
         ,Pieces,,,on,,,1,,1.5\n\
         ,Fewer,,,on,,,1,,-2\n\
         ,Free,,,on,,,,,1\n\
         ,Picture,,javascript:alert(1),on,,,1,,1\n\
         ,Twice,,,on,Red,,1,,1\n\
         ,Twice,,,on,Red,,1,,1\n\
         ,Twice,,,off,Blue,,1,,1\n\
         ,{long},,,on,,,1,,1\n\
         ,Short,on\n"
    );
    let want = [
        mistake(3, "price", "bad_amount"),
        mistake(4, "price", "currency_mismatch"),
        mistake(5, "price", "currency_mismatch"),
        mistake(6, "price", "currency_mismatch"),
        mistake(7, "price", "bad_parameter"),
        mistake(8, "price", "bad_amount"),
        mistake(9, "id", "goods_missing"),
        mistake(10, "id", "bad_parameter"),
        mistake(11, "title", "bad_parameter"),
        mistake(12, "state", "bad_parameter"),
        mistake(13, "stock", "bad_parameter"),
        mistake(14, "stock", "bad_amount"),
        mistake(15, "price", "bad_parameter"),
        mistake(16, "pictures", "bad_parameter"),
        mistake(18, "variant", "bad_parameter"),
        mistake(19, "state", "bad_parameter"),
        mistake(20, "title", "too_long"),
        mistake(21, "", "bad_parameter"),
    ];
    for query in ["?dry=1", ""] {
        let reply = import(&console, query, table.as_bytes());
        assert_eq!(mistakes(&reply), want);
        assert_eq!((&reply.json()["rows"], &reply.json()["created"]), (&json!(20), &json!(0)));
    }
    assert_eq!(console.read(GOODS)["items"], json!([]), "nothing half imported");
    assert_eq!(last_entry(&console).0, "room.opened", "and nothing entered");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let (_server, console) = shop();
    for ends in ["\n", "\r\n"] {
        let lines = ["title,price,stock", "Good,1,1", "", "Bad,-1,1", "\"Two", "lines\",-1,1", "Last,-1,1", ""];
        let reply = import(&console, "", lines.join(ends).as_bytes());
        let at: Vec<_> =
            reply.json()["errors"].as_array().unwrap().iter().map(|wrong| wrong["line"].clone()).collect();
        assert_eq!(at, [4, 5, 7], "{ends:?}");
    }
}

#[test]
fn what_is_no_table_of_goods_is_refused() {
    let (_server, console) = shop();
    assert_eq!(mistakes(&import(&console, "", b"id,title,colour\n,Tea,red\n")), [mistake(1, "", "bad_parameter")]);
    assert_eq!(mistakes(&import(&console, "", b"title,title\n")), [mistake(1, "title", "bad_parameter")]);
    assert_eq!(mistakes(&import(&console, "", b"price,stock\n1,1\n")), [mistake(1, "title", "bad_parameter")]);
    assert_eq!(mistakes(&import(&console, "", b"")).len(), 1);
    assert_eq!(mistakes(&import(&console, "", b"title,price\nT\xff,1\n")), [mistake(2, "", "bad_parameter")]);
    let empty = import(&console, "", b"id,title,price\n");
    assert_eq!((empty.status, &empty.json()["rows"]), (200, &json!(0)));
    is(&console.send("POST", &format!("{GOODS}/import"), &json!({})), 415, "bad_content_type");
    is(&import(&console, "", &vec![b'x'; (8 << 20) + 1]), 413, "too_large");
    let many = format!("title,price\n{}", ",1\n".repeat(1000));
    assert_eq!(mistakes(&import(&console, "", many.as_bytes())).len(), 200, "whoever made more will come again");
    let large: String = (0..5001).map(|number| format!("Goods {number},1\n")).collect();
    let refused = mistakes(&import(&console, "", format!("title,price\n{large}").as_bytes()));
    assert_eq!(refused, [mistake(5002, "", "too_many")]);
    assert_eq!(console.read(GOODS)["items"], json!([]));
}

#[test]
fn a_large_table_is_taken_once_and_sent_in_one_piece() {
    const MANY: usize = 1000;
    let (_server, console) = shop();
    let words = "leaves ".repeat(200);
    let rows: String = (0..MANY).map(|number| format!("Goods {number},{words},1.{:02}\n", number % 100)).collect();
    let table = format!("title,description,price\n{rows}");
    let more = [("Content-Type", "text/csv"), ("Idempotency-Key", "k")];
    for _ in 0..2 {
        let reply = send_with(&console, "POST", &format!("{GOODS}/import"), &more, table.as_bytes());
        assert_eq!((reply.status, &reply.json()["created"]), (200, &json!(MANY)), "{}", reply.text());
    }
    assert_eq!(lines(&console.get(&format!("{GOODS}/export"))).len(), MANY + 1);
}
