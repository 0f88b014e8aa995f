//! `/api/v1`: what the console and the merchant's own applications ask.
//!
//! The table of routes says of each who may use it, and what it is called in the audit log if it changes something.

mod audit;
mod auth;
mod calendar;
mod console;
mod coupons;
mod gifts;
mod goods;
mod import;
mod input;
mod keys;
mod list;
mod moderation;
mod once;
mod openapi;
mod orders;
mod payments;
mod pictures;
mod problem;
mod rooms;
mod settings;
mod sheet;
mod shelf;
mod shop;
mod statistics;
mod table;
mod users;
mod webhooks;

pub use auth::Peer;
pub use once::UnderWay;

use super::Gateway;
use super::files::PICTURES;
use crate::console::scope::Area;
use auth::{Caller, Guard, guarded};
use axum::Router;
use axum::handler::Handler;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, get, on, post};
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use openapi::Operation;
use problem::{Fault, Problem};
use serde::Deserialize;

/// The routes of the API.
pub fn router(gateway: &Gateway) -> Router<Gateway> {
    let routes = Routes { gateway, router: Router::new(), operations: Vec::new() };
    let routes = in_rooms(webhooks(people(open(routes))));
    let routes = on_the_air(money(selling(routes)));
    // A route that is not described is found by the first test that starts a server.
    if cfg!(debug_assertions) {
        openapi::must_describe(routes.operations);
    }
    let router = routes.router.route("/api/{*rest}", any(async || Problem::from(Fault::NotFound)));
    let router = router.method_not_allowed_fallback(async || Problem::from(Fault::MethodNotAllowed));
    router.layer(map_response(private))
}

/// For anybody, or for whoever proves it in another way.
fn open(routes: Routes<'_>) -> Routes<'_> {
    routes
        .open("get", "/api/v1/openapi.json", get(openapi::get))
        .open("get", "/api/v1/console/state", get(console::state))
        .open("post", "/api/v1/console/setup", post(console::set_up))
        .open("post", "/api/v1/console/login", post(console::login))
        .open("get", "/api/v1/rooms/{room}", get(rooms::get))
        .open("post", "/api/v1/payments/notify", post(payments::notify))
        .open("get", "/api/v1/test-pay/{reference}", get(payments::test_payable))
        .open("post", "/api/v1/test-pay/{reference}", post(payments::test_pay))
}

fn people(routes: Routes<'_>) -> Routes<'_> {
    routes
        .get("/api/v1/console/me", Guard::shows(), console::me)
        .post("/api/v1/console/logout", Guard::changes("console.logout"), console::logout)
        .post("/api/v1/console/password", Guard::changes("console.password_changed"), console::set_password)
        .get("/api/v1/console/users", Guard::shows(), console::users)
        .post("/api/v1/console/users", Guard::changes("console.user_added"), console::add_user)
        .delete("/api/v1/console/users/{name}", Guard::changes("console.user_removed"), console::remove_user)
        .get("/api/v1/api-keys", Guard::shows(), keys::list)
        .post("/api/v1/api-keys", Guard::changes("api_key.added"), keys::add)
        .delete("/api/v1/api-keys/{id}", Guard::changes("api_key.removed"), keys::remove)
        .get("/api/v1/audit", Guard::shows(), audit::list)
}

fn webhooks(routes: Routes<'_>) -> Routes<'_> {
    let writes = |what| Guard::writes(Area::Webhooks, what);
    let reads = Guard::reads(Area::Webhooks);
    routes
        .get("/api/v1/webhooks", reads, webhooks::list)
        .post("/api/v1/webhooks", writes("webhook.added").once(), webhooks::add)
        .put("/api/v1/webhooks/{id}", writes("webhook.changed"), webhooks::change)
        .delete("/api/v1/webhooks/{id}", writes("webhook.removed"), webhooks::remove)
        .post("/api/v1/webhooks/{id}/test", writes("webhook.tested").once(), webhooks::test)
        .get("/api/v1/webhooks/{id}/deliveries", reads, webhooks::deliveries)
        .post("/api/v1/deliveries/{id}/resend", writes("webhook.resent").once(), webhooks::resend)
}

fn in_rooms(routes: Routes<'_>) -> Routes<'_> {
    let writes = |what| Guard::writes(Area::Rooms, what);
    let reads = Guard::reads(Area::Rooms);
    routes
        .get("/api/v1/rooms", reads, rooms::list)
        .post("/api/v1/rooms", writes("room.opened").once(), rooms::open)
        .patch("/api/v1/rooms/{room}", writes("room.changed"), rooms::change)
        .delete("/api/v1/rooms/{room}", writes("room.closed"), rooms::dismiss)
        .post("/api/v1/rooms/{room}/studio-link", writes("room.studio_link"), rooms::studio_link)
        .get("/api/v1/rooms/{room}/comments", reads, moderation::comments)
        .post("/api/v1/rooms/{room}/comments", writes("comment.said").once(), moderation::say)
        .delete("/api/v1/rooms/{room}/comments/{seq}", writes("comment.recalled"), moderation::recall)
        .post("/api/v1/rooms/{room}/mute", writes("room.muted").once(), moderation::mute)
        .post("/api/v1/rooms/{room}/ban", writes("room.banned").once(), moderation::ban)
        .get("/api/v1/rooms/{room}/sanctions", reads, moderation::sanctions)
        .get("/api/v1/users", Guard::reads(Area::Users), users::list)
        .post("/api/v1/users/{user}/kick", Guard::writes(Area::Users, "user.kicked"), users::kick)
        .post(PICTURES, Guard::writes(Area::Goods, "picture.added"), pictures::add)
        .get("/api/v1/settings", Guard::reads(Area::Settings), settings::get)
}

/// What is sold, and for which coupons.
fn selling(routes: Routes<'_>) -> Routes<'_> {
    let reads = Guard::reads(Area::Goods);
    let writes = |what| Guard::writes(Area::Goods, what).once();
    let reads_coupons = Guard::reads(Area::Coupons);
    let writes_coupons = |what| Guard::writes(Area::Coupons, what).once();
    routes
        .get("/api/v1/goods", reads, goods::list)
        .post("/api/v1/goods", writes("goods.added"), goods::add)
        .get("/api/v1/goods/export", reads, import::export)
        .post("/api/v1/goods/import", writes("goods.imported").large(import::BYTES_MAX), import::import)
        .get("/api/v1/goods/{id}", reads, goods::get)
        .put("/api/v1/goods/{id}", writes("goods.changed"), goods::replace)
        .delete("/api/v1/goods/{id}", writes("goods.removed"), goods::remove)
        .post("/api/v1/goods/{id}/stock", writes("goods.stock_changed"), goods::move_stock)
        .get("/api/v1/coupons", reads_coupons, coupons::list)
        .post("/api/v1/coupons", writes_coupons("coupon.added"), coupons::add)
        .get("/api/v1/coupons/{id}", reads_coupons, coupons::get)
        .put("/api/v1/coupons/{id}", writes_coupons("coupon.changed"), coupons::replace)
        .post("/api/v1/coupons/{id}/close", writes_coupons("coupon.closed"), coupons::close)
}

/// What was bought, and given.
fn money(routes: Routes<'_>) -> Routes<'_> {
    let reads = Guard::reads(Area::Orders);
    let writes = |what| Guard::writes(Area::Orders, what).once();
    let reads_gifts = Guard::reads(Area::Gifts);
    let writes_gifts = |what| Guard::writes(Area::Gifts, what).once();
    routes
        .get("/api/v1/orders", reads, orders::list)
        .get("/api/v1/orders/export", reads, orders::export)
        .get("/api/v1/orders/{id}", reads, orders::get)
        .post("/api/v1/orders/{id}/ship", writes("order.shipped"), orders::ship)
        .post("/api/v1/orders/{id}/cancel", writes("order.cancelled"), orders::cancel)
        .post("/api/v1/orders/{id}/complete", writes("order.completed"), orders::complete)
        .post("/api/v1/orders/{id}/refund", writes("order.refunded"), orders::refund)
        .get("/api/v1/gifts", reads_gifts, gifts::list)
        .put("/api/v1/gifts/{id}", writes_gifts("gift.saved"), gifts::save)
        .get("/api/v1/wallets", reads_gifts, gifts::wallets)
        .get("/api/v1/wallets/{user}", reads_gifts, gifts::wallet)
        .post("/api/v1/wallets/{user}/adjust", writes_gifts("wallet.adjusted"), gifts::adjust)
}

/// What the shop does in a room, and what it brings.
fn on_the_air(routes: Routes<'_>) -> Routes<'_> {
    let reads = Guard::reads(Area::Rooms);
    let writes = |what| Guard::writes(Area::Rooms, what).once();
    let counts = Guard::reads(Area::Statistics);
    routes
        .get("/api/v1/rooms/{room}/shelf", reads, shelf::get)
        .put("/api/v1/rooms/{room}/shelf", writes("shelf.set"), shelf::set)
        .post("/api/v1/rooms/{room}/push", writes("goods.pushed"), shelf::push)
        .post("/api/v1/rooms/{room}/sales", writes("sale.started"), shelf::start_sale)
        .delete("/api/v1/rooms/{room}/sales/{sale}", writes("sale.ended"), shelf::end_sale)
        .post("/api/v1/rooms/{room}/drop", writes("coupon.dropped"), shelf::drop_coupon)
        .get("/api/v1/rooms/{room}/statistics", counts, statistics::of_room)
        .get("/api/v1/rooms/{room}/statistics/export", counts, statistics::export)
        .get("/api/v1/overview", counts, statistics::overview)
}

/// What a list is searched for.
#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

/// Asks the rules, in the name of the app's administrator.
async fn ask(gateway: &Gateway, caller: &Caller, command: Command) -> Result<Answer, Problem> {
    let administrator = gateway.shared.administrator(caller.app);
    Ok(gateway.ask(caller.app, administrator, command).await?)
}

/// Routes with their guards.
struct Routes<'a> {
    gateway: &'a Gateway,
    router: Router<Gateway>,
    operations: Vec<Operation>,
}

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {
        $(fn $name<T: 'static>(self, path: &str, guard: Guard, handler: impl Handler<T, Gateway>) -> Self {
            let guarded = from_fn_with_state((self.gateway.clone(), guard), guarded);
            let route = on(MethodFilter::$method, handler).route_layer(guarded);
            self.add(Operation::new(stringify!($name), path, Some(guard.need), guard.once), path, route)
        })*
    };
}

impl Routes<'_> {
    methods! { get = GET, post = POST, put = PUT, patch = PATCH, delete = DELETE, }

    fn open(self, method: &'static str, path: &str, route: MethodRouter<Gateway>) -> Self {
        self.add(Operation::new(method, path, None, false), path, route)
    }

    fn add(mut self, operation: Operation, path: &str, route: MethodRouter<Gateway>) -> Self {
        self.operations.push(operation);
        Self { router: self.router.route(path, route), ..self }
    }
}

/// What is answered is for who asked, for now, and for no page to show.
async fn private(mut response: Response) -> Response {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
