//! `GET /api/emails`.

use crate::support::{FOOTER, emails};
use comm_app::OutreachError;
use comm_domain::outreach::{EmailId, EmailStatus};
use comm_ports::outreach::{EmailFilter, EmailQuery};
use comm_ports::page::{Cursor, Page, PageRequest, Total};
use comm_ports::testing::MockOutreachStore;
use comm_ports::testing::build::{email, instant};
use mockall::predicate::eq;

#[tokio::test]
async fn one_email_is_shown_with_its_footer_and_an_unknown_one_is_not_found() {
    let mut store = MockOutreachStore::new();
    store
        .expect_email()
        .with(eq(EmailId(1)))
        .returning(|_| Ok(Some(email(1, EmailStatus::Entwurf))));
    store
        .expect_email()
        .with(eq(EmailId(2)))
        .returning(|_| Ok(None));
    let emails = emails(store, &[]);
    let shown = emails.get(EmailId(1)).await.unwrap();
    assert!(shown.parts.html.ends_with(FOOTER) && shown.parts.text.ends_with(FOOTER));
    let missing = emails.get(EmailId(2)).await.unwrap_err();
    assert!(matches!(missing, OutreachError::EmailNotFound));
    assert_eq!(missing.to_string(), "Email not found");
}

#[tokio::test]
async fn a_page_is_asked_for_as_given_and_keeps_its_order_total_and_cursor() {
    let total = Some(Total {
        count: 3,
        capped: false,
    });
    let next = Some(Cursor {
        created_at: instant(),
        id: 2,
    });
    let filter = EmailFilter {
        patient_id: Some(8),
        ..EmailFilter::default()
    };
    let query = EmailQuery {
        filter,
        page: PageRequest::numbered(2, 50),
        ..EmailQuery::default()
    };
    let mut store = MockOutreachStore::new();
    store
        .expect_list_emails()
        .with(eq(query.clone()))
        .returning(move |_| {
            let rows = [3, 2].map(|id| email(id, EmailStatus::Entwurf)).to_vec();
            Ok(Page { rows, total, next })
        });
    let page = emails(store, &[]).list(&query).await.unwrap();
    let ids: Vec<_> = page.rows.iter().map(|shown| shown.email.id.0).collect();
    assert_eq!((ids, page.total, page.next), (vec![3, 2], total, next));
    assert!(
        page.rows
            .iter()
            .all(|shown| shown.parts.text.ends_with(FOOTER))
    );
}
