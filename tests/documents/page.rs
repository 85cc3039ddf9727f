//! `/docs` and `/openapi.json`.

use crate::openapi::printed;
use comm_tests::World;
use reqwest::Method;
use serde_json::Value;

#[tokio::test]
async fn the_service_shows_its_document_and_a_page_of_it_from_its_own_files() {
    let world = World::without_kafka().await;
    let service = world.start_with(&["--no-worker"]).await;
    let client = &service.client;
    assert_eq!(
        client.get("/openapi.json").await.expect(200).body,
        printed().await
    );
    // Its client follows the way from /docs to /docs/.
    let page = client.get("/docs").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html");
    let page = String::from_utf8(page.bytes).unwrap();
    let files = page
        .split(['"'])
        .filter(|word| word.ends_with(".js") || word.ends_with(".css"));
    let files: Vec<&str> = files.collect();
    assert!(files.len() >= 4, "{page}");
    for file in files {
        assert!(!file.contains("//"), "{file} is somewhere else");
        let file = client.get(&format!("/docs/{file}")).await.expect(200);
        assert!(!file.bytes.is_empty());
    }
    let settings = client.get("/docs/swagger-initializer.js").await.expect(200);
    let settings = String::from_utf8(settings.bytes).unwrap();
    assert!(settings.contains(r#""url": "/openapi.json""#), "{settings}");
    assert!(settings.contains(r#""validatorUrl": "none""#), "{settings}");
}

#[tokio::test]
async fn what_is_not_there_and_other_methods_are_problems() {
    let world = World::without_kafka().await;
    let service = world.start_with(&["--no-worker"]).await;
    for path in ["/docs/nothing.js", "/docs/../Cargo.toml", "/docs/%2e%2e/x"] {
        let answer = service.client.get(path).await.expect(404);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for path in ["/openapi.json", "/docs", "/docs/index.html"] {
        let answer = service.client.post(path, &Value::Null).await.expect(405);
        assert_eq!(answer.header("allow"), "GET", "{path}");
        let answer = service
            .client
            .send(Method::OPTIONS, path, |request| request);
        answer.await.unwrap().expect(405);
    }
}
