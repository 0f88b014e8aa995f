//! What a client says when it asks for a WebSocket of the chat wire, in whichever way it got here.

use hawker_core::AppId;
use hawker_fanout::Variant;
use std::sync::Arc;

/// What a client said when it asked for a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The app.
    pub app: AppId,
    /// The client instance.
    pub instance: Arc<str>,
    /// How it wants its frames.
    pub variant: Variant,
    /// How it reached this server: scheme, host and port; `None` if that is configured or not known.
    pub origin: Option<Arc<str>>,
}

/// Reads `…/binfo?…` and `…/info?…`; a prefix before them is the operator's business.
pub fn upgrade_of(target: &str) -> Option<Upgrade> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let text = match path.rsplit('/').next()? {
        "info" => true,
        "binfo" => false,
        _ => return None,
    };
    let parameter = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    };
    let app = parameter("sdkappid").and_then(|id| id.parse().ok()).unwrap_or(0);
    let instance = parameter("instanceid").filter(|id| id.len() <= 64).unwrap_or("");
    let packed = parameter("compress") == Some("gzip");
    Some(Upgrade {
        app: AppId(app),
        instance: Arc::from(instance),
        variant: Variant { text, packed },
        origin: None,
    })
}
