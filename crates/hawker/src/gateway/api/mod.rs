//! `/api/v1`: what the console and the merchant's own applications ask.
//!
//! The table of routes says of each who may use it, and what it is called in the audit log if it changes something.

mod audit;
mod auth;
mod console;
mod input;
mod keys;
mod list;
mod payments;
mod problem;
mod webhooks;

pub use auth::Peer;

use super::Gateway;
use crate::console::scope::Area;
use auth::{Guard, guarded};
use axum::Router;
use axum::handler::Handler;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodFilter, any, get, on, post};
use problem::{Fault, Problem};

/// The routes of the API.
pub fn router(gateway: &Gateway) -> Router<Gateway> {
    let open = Router::new()
        .route("/api/v1/console/state", get(console::state))
        .route("/api/v1/console/setup", post(console::set_up))
        .route("/api/v1/console/login", post(console::login))
        .route("/api/v1/payments/notify", post(payments::notify))
        .route("/api/v1/test-pay/{reference}", get(payments::test_payable).post(payments::test_pay))
        .route("/api/{*rest}", any(async || Problem::from(Fault::NotFound)));
    let guarded = people(Routes { gateway, router: open });
    let guarded = webhooks(guarded);
    let router = guarded.router.method_not_allowed_fallback(async || Problem::from(Fault::MethodNotAllowed));
    router.layer(map_response(private))
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
        .post("/api/v1/webhooks", writes("webhook.added"), webhooks::add)
        .put("/api/v1/webhooks/{id}", writes("webhook.changed"), webhooks::change)
        .delete("/api/v1/webhooks/{id}", writes("webhook.removed"), webhooks::remove)
        .post("/api/v1/webhooks/{id}/test", writes("webhook.tested"), webhooks::test)
        .get("/api/v1/webhooks/{id}/deliveries", reads, webhooks::deliveries)
        .post("/api/v1/deliveries/{id}/resend", writes("webhook.resent"), webhooks::resend)
}

/// Routes with their guards.
struct Routes<'a> {
    gateway: &'a Gateway,
    router: Router<Gateway>,
}

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {
        $(fn $name<T: 'static>(self, path: &str, guard: Guard, handler: impl Handler<T, Gateway>) -> Self {
            self.add(MethodFilter::$method, path, guard, handler)
        })*
    };
}

impl Routes<'_> {
    methods! { get = GET, post = POST, put = PUT, delete = DELETE, }

    fn add<T: 'static>(
        self,
        method: MethodFilter,
        path: &str,
        guard: Guard,
        handler: impl Handler<T, Gateway>,
    ) -> Self {
        let guard = from_fn_with_state((self.gateway.clone(), guard), guarded);
        Self { router: self.router.route(path, on(method, handler).route_layer(guard)), ..self }
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
