//! The body of each command.

use hawker_core::command::{Command, RoomCommand};
use hawker_core::direct::DirectCommand;
use hawker_core::post::{Class, Draft, Face, Post, Posted};
use hawker_core::shop::coupon::{CouponDraft, Off};
use hawker_core::shop::goods::{GoodsDraft, GoodsState, SkuDraft};
use hawker_core::shop::shelf::ShelfItem;
use hawker_core::shop::{Patron, Shop, ShopCommand, ShopLimits, ShopRequest, ShopSnapshot};
use hawker_core::{AccountId, AppId, RoomKey, Time};
use hawker_wire::tencent::decode::{Asked, Context, Via, decode};
use hawker_wire::tencent::push;

const NOW: Time = Time(1_700_000_000_000);

/// The table with a good body for each command.
pub const TABLE: [(&str, &str); 108] = [
    ("im_open_status.wslogin", r#"{"State":"Online","InstType":0,"Resume":[{"GroupId":"r","MsgSeq":7}]}"#),
    ("im_open_status.wslogout", r#"{"wslogout_type":0}"#),
    ("im_open_status.wshello", r#"{"is_web_uniapp":0}"#),
    (
        "profile.portrait_set",
        r#"{"From_Account":"u","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"n"},{"Tag":"Tag_Profile_Custom_A","Value":1}]}"#,
    ),
    ("profile.portrait_get_all", r#"{"UserItem":[{"To_Account":"u"}]}"#),
    ("profile.portrait_get", r#"{"To_Account":["u"],"TagList":["Tag_Profile_IM_Nick"]}"#),
    ("im_open_login_svc.account_import", r#"{"UserID":"u","Nick":"n","FaceUrl":"f"}"#),
    ("im_open_login_svc.kick", r#"{"Identifier":"u"}"#),
    ("im_cos_msg.pre_sig", r#"{"file_type":1,"file_name":"a.png","upload_method":0,"Duration":900}"#),
    ("hawker_room.stats", r#"{"GroupId":"r"}"#),
    ("hawker_room.set_budget", r#"{"GroupId":"r","MessagesPerSecond":200}"#),
    ("group_open_long_polling_http_noauth_svc.get_msg", r#"{"USP":1,"StartSeq":3,"HoldTime":90,"Key":"r"}"#),
    ("group_open_http_noauth_svc.apply_join_group", r#"{"GroupId":"r","WebPushFlag":1}"#),
    (
        "group_open_http_svc.create_group",
        r#"{"Type":"AVChatRoom","Name":"n","GroupId":"r","Owner_Account":"u","Introduction":"i","Notification":"o","FaceUrl":"f","AppDefinedData":[{"Key":"k","Value":"v"}],"MemberList":[]}"#,
    ),
    ("group_open_http_svc.destroy_group", r#"{"GroupId":"r"}"#),
    ("group_open_http_svc.apply_join_group", r#"{"GroupId":"r","HugeGroupHistoryMsgFlag":1}"#),
    ("group_open_http_svc.quit_group", r#"{"GroupId":"r"}"#),
    ("group_open_http_svc.get_group_self_member_info", r#"{"GroupIdList":["r"]}"#),
    (
        "group_open_http_svc.get_group_info",
        r#"{"GroupIdList":["r"],"ResponseFilter":{"GroupBaseInfoFilter":["Name"]}}"#,
    ),
    (
        "group_open_http_svc.modify_group_base_info",
        r#"{"GroupId":"r","Name":"n","Introduction":"i","Notification":"o","FaceUrl":"f","ShutUpAllMember":"On","AppDefinedData":[{"Key":"k","Value":""}]}"#,
    ),
    ("group_open_http_svc.modify_group_member_info", r#"{"GroupId":"r","Member_Account":"u","ShutUpTime":60}"#),
    (
        "group_open_http_svc.modify_group_member_info",
        r#"{"GroupId":"r","Member_Account":"u","AppMemberDefinedData":[{"Key":"attent","Value":"h"}]}"#,
    ),
    ("group_open_http_svc.get_online_member_num", r#"{"GroupId":"r"}"#),
    ("group_open_http_svc.get_admin_list", r#"{"GroupId":"r"}"#),
    ("group_open_http_svc.get_specified_group_member_info", r#"{"GroupId":"r","Member_List_Account":["u"]}"#),
    ("group_open_http_svc.get_group_member_info", r#"{"GroupId":"r","Limit":100,"Offset":0}"#),
    ("group_open_avchatroom_http_svc.get_members", r#"{"GroupId":"r","Timestamp":0}"#),
    ("group_open_http_svc.forbid_send_msg", r#"{"GroupId":"r","Members_Account":["u"],"MuteTime":60}"#),
    ("group_open_http_svc.get_group_muted_account", r#"{"GroupId":"r"}"#),
    (
        "group_open_http_svc.ban_group_member",
        r#"{"GroupId":"r","Members_Account":["u"],"Duration":60,"Description":"d"}"#,
    ),
    ("group_open_http_svc.unban_group_member", r#"{"GroupId":"r","Members_Account":["u"]}"#),
    ("group_open_http_svc.modify_admin", r#"{"GroupId":"r","CommandType":1,"Admin_Account":["u"]}"#),
    (
        "group_open_http_svc.send_group_msg",
        r#"{"From_Account":"u","GroupId":"r","Random":63028739,"MsgPriority":"High","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}],"CloudCustomData":"c","MsgClientTime":1700000000,"ClientSeq":1}"#,
    ),
    (
        "group_open_http_svc.send_group_system_notification",
        r#"{"GroupId":"r","Content":"c","ToMembers_Account":[]}"#,
    ),
    (
        "group_open_http_svc.update_group_counter",
        r#"{"GroupId":"r","GroupCounter":[{"Key":"k","Value":-1}],"Mode":"Increase"}"#,
    ),
    ("group_open_http_svc.get_group_counter", r#"{"GroupId":"r","GroupCounterKeys":["k"]}"#),
    ("group_open_http_svc.delete_group_counter", r#"{"GroupId":"r","GroupCounterKeys":["k"]}"#),
    ("group_open_http_svc.group_msg_recall", r#"{"GroupId":"r","MsgSeqList":[{"MsgSeq":7}],"Reason":"typo"}"#),
    (
        "openim.sendmsg",
        r#"{"From_Account":"u","To_Account":"v","MsgSeq":1,"MsgRandom":2,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}],"CloudCustomData":"c","MsgClientTime":1700000000,"MsgLifeTime":0,"SendMsgControl":["NoUnread","NoLastMsg"],"IsNeedReadReceipt":1}"#,
    ),
    (
        "openim.batchsendmsg",
        r#"{"From_Account":"u","To_Account":["v","w"],"MsgRandom":2,"SyncOtherMachine":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]}"#,
    ),
    (
        "openim.getroammsg",
        r#"{"Peer_Account":"v","MaxCnt":15,"LastMsgTime":1700000000,"MsgKey":"111411200000000000","GetDirection":1}"#,
    ),
    (
        "openim.admin_getroammsg",
        r#"{"Operator_Account":"u","Peer_Account":"v","MaxCnt":15,"MinTime":0,"MaxTime":1700000000,"LastMsgKey":"7"}"#,
    ),
    ("openim.getmsg", r#"{"Cookie":"111411200000000000","SyncFlag":0}"#),
    (
        "openim.msgreaded",
        r#"{"C2CMsgReaded":{"Cookie":"","C2CMsgReadedItem":[{"To_Account":"v","LastedMsgTime":1700000000,"Receipt":1}]}}"#,
    ),
    ("openim.admin_set_msg_read", r#"{"Report_Account":"u","Peer_Account":"v","MsgReadTime":1700000000}"#),
    ("openim.read_all_unread_msg", r#"{"C2CReadAllMsg":1,"GroupReadInfo":[]}"#),
    ("openim.get_peer_read_time", r#"{"To_Account":["v"]}"#),
    ("openim.get_c2c_unread_msg_num", r#"{"To_Account":"u","Peer_Account":["v"]}"#),
    (
        "openim.msgwithdraw",
        r#"{"MsgInfo":{"From_Account":"u","To_Account":"v","MsgSeq":1,"MsgRandom":2,"MsgTimeStamp":1700000000}}"#,
    ),
    ("openim.admin_msgwithdraw", r#"{"From_Account":"u","To_Account":"v","MsgKey":"1_2_1700000000"}"#),
    ("openim.delete_c2c_msg_ramble", r#"{"From_Account":"u","To_Account":"v","MsgKeyList":["1_2_1700000000"]}"#),
    ("openim.set_c2c_peer_mute_notifications", r#"{"Peer_Account":["v"],"Mute_Notifications":2}"#),
    ("openim.query_online_status", r#"{"To_Account":["v"]}"#),
    (
        "recentcontact.page_get",
        r#"{"From_Account":"u","TimeStamp":1700000000000,"StartIndex":2199023437500,"TopTimeStamp":5,"TopStartIndex":7}"#,
    ),
    ("recentcontact.get_list", r#"{"From_Account":"u","TimeStamp":0,"StartIndex":0}"#),
    (
        "recentcontact.batch_delete",
        r#"{"From_Account":"u","ContactItem":[{"To_Account":"v","Type":1}],"ClearRamble":1}"#,
    ),
    ("recentcontact.clear_msg", r#"{"From_Account":"u","To_Account":"v","Type":1}"#),
    (
        "recentcontact.top",
        r#"{"From_Account":"u","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"v"}]}"#,
    ),
    ("sns.black_list_get", r#"{"From_Account":"u","StartIndex":0,"MaxLimited":100,"LastSequence":0}"#),
    ("sns.black_list_add", r#"{"From_Account":"u","To_Account":["v"]}"#),
    ("im_open_status.ws_set_custom_status", r#"{"CustomStatus":"tea"}"#),
    ("im_open_status.ws_get_user_status", r#"{"To_Account":["v"]}"#),
    ("im_open_status.ws_status_subscribe", r#"{"To_Account":["v"]}"#),
    ("im_open_status.ws_status_unsubscribe", r#"{"UnsubscribeAll":1}"#),
    (
        "group_open_http_svc.set_group_attr",
        r#"{"GroupId":"r","GroupAttr":[{"key":"k","value":"v"}],"AttrMainSeq":0,"BytesKey":"r","AttrControl":["RaceConflict"]}"#,
    ),
    ("group_open_http_svc.modify_group_attr", r#"{"GroupId":"r","GroupAttr":[{"key":"k","value":"v","seq":3}]}"#),
    (
        "group_open_http_svc.delete_group_attr",
        r#"{"GroupId":"r","GroupAttr":[{"key":"k","seq":2}],"AttrControl":["RaceConflict"]}"#,
    ),
    ("group_open_http_svc.clear_group_attr", r#"{"GroupId":"r","AttrMainSeq":3}"#),
    ("group_open_attr_http_svc.get_group_attr", r#"{"GroupId":"r","Key":"","GroupType":1}"#),
    ("live_media.get_stream", r#"{"GroupId":"r"}"#),
    ("live_media.get_push", r#"{"GroupId":"r"}"#),
    ("live_shop.get_shelf", r#"{"GroupId":"r"}"#),
    ("live_shop.get_goods", r#"{"Id":1}"#),
    ("live_shop.claim_coupon", r#"{"GroupId":"r","Coupon":3,"Key":"k"}"#),
    ("live_shop.my_coupons", r#"{}"#),
    (
        "live_shop.create_order",
        r#"{"GroupId":"r","Lines":[{"Sku":2,"Quantity":3}],"Claim":null,"Address":{"Name":"n","Phone":"p","Text":"t"},"Remark":"","ExpectTotal":3000,"Key":"k"}"#,
    ),
    ("live_shop.cancel_order", r#"{"Id":9}"#),
    ("live_shop.confirm_order", r#"{"Id":9}"#),
    ("live_shop.my_orders", r#"{}"#),
    ("live_shop.get_order", r#"{"Id":9}"#),
    ("live_shop.get_gifts", r#"{}"#),
    ("live_shop.send_gift", r#"{"GroupId":"r","Gift":"rose","Count":5,"Key":"k"}"#),
    ("live_shop.get_wallet", r#"{"User":"u"}"#),
    ("live_shop.top_up", r#"{"Coins":100}"#),
    ("live_shop.get_board", r#"{"GroupId":"r"}"#),
    ("live_shop.follow", r#"{"User":"h","GroupId":"r"}"#),
    ("live_shop.unfollow", r#"{"User":"h","From_Account":"u"}"#),
    ("live_shop.is_following", r#"{"User":"h"}"#),
    ("live_shop.following", r#"{}"#),
    ("live_shop.set_shelf", r#"{"GroupId":"r","Items":[{"Goods":1,"Badge":"b"}]}"#),
    ("live_shop.push_goods", r#"{"GroupId":"r","Goods":1}"#),
    (
        "live_shop.start_sale",
        r#"{"GroupId":"r","Sku":2,"Price":500,"Quota":5,"PerBuyer":2,"StartsAt":1700000000000,"EndsAt":1700000060000}"#,
    ),
    ("live_shop.end_sale", r#"{"Id":5}"#),
    ("live_shop.drop_coupon", r#"{"GroupId":"r","Coupon":3}"#),
    ("live_shop.list_goods", r#"{}"#),
    ("live_shop.list_coupons", r#"{}"#),
    ("live_shop.get_sales", r#"{"GroupId":"r"}"#),
    (
        "live_shop.save_goods",
        r#"{"Id":1,"Title":"t","Description":"d","Pictures":["/a.png"],"State":"off","Skus":[{"Id":2,"Name":"n","Code":"c","Price":100,"ListPrice":200,"Stock":7}]}"#,
    ),
    ("live_shop.remove_goods", r#"{"Id":1}"#),
    ("live_shop.set_stock", r#"{"Sku":2,"Change":-3}"#),
    (
        "live_shop.save_coupon",
        r#"{"Title":"t","Off":{"Percent":{"Rate":20,"Max":500}},"Threshold":100,"Goods":[1],"StartsAt":1700000000000,"EndsAt":1700000060000,"Stock":5,"PerUser":2}"#,
    ),
    ("live_shop.close_coupon", r#"{"Id":3}"#),
    ("live_shop.ship_order", r#"{"Id":9,"Carrier":"c","Tracking":"t"}"#),
    ("live_shop.complete_order", r#"{"Id":9}"#),
    ("live_shop.refund_order", r#"{"Id":9,"Amount":5,"Reason":"r","Restock":true}"#),
    ("live_shop.save_gift", r#"{"Id":"g","Name":"n","NameEn":"e","Coins":5,"Picture":"","State":"on"}"#),
    ("live_shop.adjust_wallet", r#"{"User":"u","Change":-5,"Reason":"r"}"#),
    ("live_shop.report_payment", r#"{"Reference":9,"Transaction":"t","Amount":3000,"Currency":"CNY"}"#),
];

/// The first byte chooses the command, the rest is its body.
pub fn run(bytes: &[u8]) {
    let Some((which, body)) = bytes.split_first() else { return };
    let Ok(body) = std::str::from_utf8(body) else { return };
    let (command, _) = TABLE[usize::from(*which) % TABLE.len()];
    for via in [Via::Socket, Via::Http] {
        decoded(via, command, body);
    }
}

/// Decodes; a refusal has a number and a reason, and a message that is taken can be pushed.
pub fn decoded(via: Via, command: &str, body: &str) {
    match decode(Context { via, app: AppId(7), now: NOW }, command, body) {
        Err(error) => assert!(error.code > 0 && !error.info.is_empty(), "{error:?}"),
        Ok(Asked::Always(body)) => drop(serde_json::from_str::<serde_json::Value>(&body).expect("JSON")),
        Ok(Asked::Rules(Command::Room(_, RoomCommand::Send(draft) | RoomCommand::SendAs(_, draft)), _)) => {
            assert!(draft.bytes <= body.len() * 6, "a message is not larger than what was sent");
            drop(pushed(&draft));
        }
        Ok(Asked::Rules(Command::Direct { what: DirectCommand::Send { draft, .. }, .. }, _)) => {
            assert!(draft.bytes <= body.len() * 6, "a message is not larger than what was sent");
            drop(pushed(&draft));
        }
        Ok(Asked::Rules(Command::Shop(request), _)) => sold(*request),
        Ok(_) => {}
    }
}

/// A request to a shop with one of everything; whatever it does, the books balance and can be shown.
fn sold(request: ShopRequest) {
    let limits = ShopLimits::default();
    let mut shop = Shop::load(&limits, NOW, ShopSnapshot::default());
    let merchant =
        Patron { user: "u".into(), anonymous: false, hosts: true, merchant: true, host: Some("h".into()) };
    let goods = GoodsDraft {
        id: None,
        title: "t".into(),
        description: "".into(),
        pictures: vec![],
        state: GoodsState::On,
        skus: vec![SkuDraft {
            id: None,
            name: "".into(),
            code: "".into(),
            price: 1000,
            list_price: 0,
            stock: Some(9),
        }],
    };
    let coupon = CouponDraft {
        id: None,
        title: "t".into(),
        off: Off::Amount(100),
        threshold: 0,
        goods: vec![],
        starts_at: NOW,
        ends_at: Time(NOW.0 + 1000),
        stock: 5,
        per_user: 2,
    };
    let shelf = vec![ShelfItem { goods: 1, badge: "".into() }];
    let before = [
        ShopCommand::SaveGoods(goods),
        ShopCommand::SaveCoupon(coupon),
        ShopCommand::SetShelf("r".into(), shelf),
        ShopCommand::Adjust { user: "u".into(), change: 1000, reason: "r".into() },
    ];
    let requests = before.into_iter().map(|what| (None, what)).chain([(request.key, request.what)]);
    for (key, what) in requests {
        let Ok(verdict) = shop.decide(&limits, NOW, &merchant, key.as_ref(), what) else { return };
        verdict.events.iter().for_each(|event| shop.apply(&limits, NOW, event));
        let shown = shop.show(&limits, NOW, &merchant, &verdict.show).expect("what was decided can be shown");
        assert!(serde_json::to_value(&shown).is_ok());
    }
    assert!(shop.stocks().all(|(_, stock)| stock.available() >= 0 && stock.held >= 0));
    assert_eq!(shop.balances().map(|(_, coins)| coins).sum::<i64>(), 0);
}

/// A message as it is pushed: one item, which a frame around it holds whole.
pub fn pushed(draft: &Draft) -> String {
    let from = Face { account: AccountId(1), user: "u".into(), nick: "n".into(), avatar: "a".into() };
    let posted = Posted {
        room: RoomKey::new(AppId(7), "r"),
        room_name: "n".into(),
        seq: 1,
        random: draft.random,
        at: NOW,
        class: Class::ChatNormal,
        post: Post::Message {
            from,
            priority: draft.priority,
            sent_at: draft.sent_at,
            client_seq: draft.client_seq,
            elements: draft.elements.clone(),
            cloud_data: draft.cloud_data.clone(),
        },
    };
    let item = push::item(&posted);
    let frame: serde_json::Value = serde_json::from_str(&push::frame([&item])).expect("a push is JSON");
    assert_eq!(frame["body"]["EventArray"][0]["GroupMsgArray"][0]["MsgSeq"], 1);
    item.json.into()
}

/// A good body for each command.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |(at, (_, body)): (usize, &(&str, &str))| [vec![at as u8], body.as_bytes().to_vec()].concat();
    TABLE.iter().enumerate().map(seed).collect()
}
