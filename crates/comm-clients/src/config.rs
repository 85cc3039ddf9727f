//! Settings of the platform's other services (section `services`).

use reqwest::Url;
use serde::Deserialize;

/// Where the other services are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicesConfig {
    /// The Patient Service; empty: there is none.
    pub patient_service_url: String,
    /// The Therapist Service; empty: there is none.
    pub therapist_service_url: String,
    /// Seconds for which a copy of what they said of somebody is as good as asking.
    pub copy_fresh_seconds: u32,
    /// Milliseconds for which a list waits for people of whom there is no copy.
    pub list_wait_ms: u32,
    /// Days after which a copy that was not refreshed is removed.
    pub keep_copies_days: u32,
}

/// Whether paths can be appended to this address of a service.
pub fn can_be_base(url: &str) -> bool {
    base(url).is_some()
}

/// An address that paths can be appended to.
pub(crate) fn base(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let speaks_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.query().is_none() && url.fragment().is_none();
    // A password would be shown with the settings.
    let has_secret = !url.username().is_empty() || url.password().is_some();
    (speaks_http && is_bare && !has_secret).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::can_be_base;

    #[test]
    fn only_addresses_that_paths_can_be_appended_to_are_taken() {
        for url in ["http://patients:8001", "https://example.org/patients/"] {
            assert!(can_be_base(url), "{url}");
        }
        for url in [
            "patients:8001",
            "patients",
            "ftp://patients",
            "http://",
            "http://a/?x=1",
            "http://user:secret@a",
            "http://a/#b",
        ] {
            assert!(!can_be_base(url), "{url}");
        }
    }
}
