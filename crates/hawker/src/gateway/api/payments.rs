//! Payments: what a provider reports, and the test provider that plays one in development.

use super::input::{Asked, At};
use super::problem::{Fault, Problem};
use crate::gateway::Gateway;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use hawker_core::AppId;
use hawker_core::answer::Answer;
use hawker_core::command::Command;
use hawker_core::shop::payment::Payment;
use hawker_core::shop::{ShopAnswer, ShopCommand, ShopRequest};
use hawker_wire::hook;
use serde::{Deserialize, Serialize};

/// Whose payment it is.
#[derive(Deserialize)]
pub struct Whose {
    /// The app; by default that of the pages.
    app: Option<u32>,
}

/// What is paid, or to be paid.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payable {
    reference: u64,
    /// `order` or `top_up`.
    kind: &'static str,
    /// What it is for: the title of the first goods, or nothing.
    title: String,
    amount: i64,
    currency: String,
    /// `created`, `paid`, or wherever the order is by now.
    state: &'static str,
}

impl Payable {
    fn of(answer: Answer) -> Option<Self> {
        let Answer::Shop(answer) = answer else { return None };
        match *answer {
            ShopAnswer::Order(view) => {
                let order = view.order;
                let state = if order.paid_late { "paid_late" } else { order.state.name() };
                Some(Self {
                    reference: order.id,
                    kind: "order",
                    title: order.lines.first().map_or_else(String::new, |line| line.title.to_string()),
                    amount: order.total,
                    currency: order.currency.to_string(),
                    state,
                })
            }
            ShopAnswer::TopUp(top_up) => Some(Self {
                reference: top_up.id,
                kind: "top_up",
                title: String::new(),
                amount: top_up.amount,
                currency: top_up.currency.to_string(),
                state: top_up.state,
            }),
            _ => None,
        }
    }
}

/// `POST /api/v1/payments/notify`. May come any number of times; only the first does anything.
pub async fn notify(
    State(gateway): State<Gateway>,
    Asked(whose): Asked<Whose>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Payable>, Problem> {
    let app = whose.app.map_or(gateway.shared.pages_app, AppId);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    take(&gateway, app, header(hook::TIMESTAMP), header(hook::SIGNATURE), &body).await
}

async fn take(
    gateway: &Gateway,
    app: AppId,
    timestamp: &str,
    signature: &str,
    body: &[u8],
) -> Result<Json<Payable>, Problem> {
    let now = gateway.shared.clock.now();
    if !hook::is_signed(&gateway.shared.payment_secret, timestamp, signature, body, now) {
        tracing::warn!("a payment notification with a bad signature was refused");
        return Err(Fault::BadSignature.into());
    }
    let payment: Payment = super::input::read(body)?;
    ask(gateway, app, ShopCommand::Pay(payment)).await
}

/// `GET /api/v1/test-pay/{reference}`: what the page of the test provider shows.
pub async fn test_payable(
    State(gateway): State<Gateway>,
    At(reference): At<u64>,
) -> Result<Json<Payable>, Problem> {
    in_development(&gateway)?;
    ask(&gateway, gateway.shared.pages_app, ShopCommand::Payable(reference)).await
}

/// `POST /api/v1/test-pay/{reference}`: plays the provider, by the way that a real one takes.
pub async fn test_pay(State(gateway): State<Gateway>, At(reference): At<u64>) -> Result<Json<Payable>, Problem> {
    in_development(&gateway)?;
    let app = gateway.shared.pages_app;
    let Json(payable) = ask(&gateway, app, ShopCommand::Payable(reference)).await?;
    let body = serde_json::json!({
        "reference": reference,
        "transaction": format!("test-{reference}"),
        "amount": payable.amount,
        "currency": payable.currency,
    });
    let (body, secs) = (body.to_string(), gateway.shared.clock.now().secs());
    let signature = hook::sign(&gateway.shared.payment_secret, secs, body.as_bytes());
    take(&gateway, app, &secs.to_string(), &signature, body.as_bytes()).await
}

fn in_development(gateway: &Gateway) -> Result<(), Problem> {
    if gateway.shared.development { Ok(()) } else { Err(Fault::NotFound.into()) }
}

async fn ask(gateway: &Gateway, app: AppId, what: ShopCommand) -> Result<Json<Payable>, Problem> {
    let request = ShopRequest { user: None, key: None, what };
    let answer = gateway.ask(app, "", Command::Shop(Box::new(request))).await?;
    Payable::of(answer).map(Json).ok_or_else(|| Fault::Internal.into())
}
