use super::*;

#[test]
fn an_address_is_an_ip_address_and_a_port() {
    for (text, address) in [
        ("127.0.0.1:9778", "127.0.0.1:9778"),
        (" 0.0.0.0:0 ", "0.0.0.0:0"),
        ("[::1]:1", "[::1]:1"),
        ("localhost:80", "127.0.0.1:80"),
        ("LocalHost:80", "127.0.0.1:80"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), address);
    }
    for text in [
        "",
        "127.0.0.1",
        ":9778",
        "9778",
        "localhost",
        "localhost:",
        "localhost:70000",
        "node.example:80",
        "http://127.0.0.1:1",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_named_with_an_example() {
    let error = listen("node.example:80").await.unwrap_err();

    let text = error.to_string();
    assert!(text.contains("`node.example:80`"), "{text}");
    assert!(text.contains("127.0.0.1:9778"), "{text}");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_remedy() {
    let taken = listen("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let error = listen(&address).await.unwrap_err();

    let text = error.to_string();
    assert!(text.contains(&address), "{text}");
    assert!(text.contains("another program listens there"), "{text}");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn an_address_of_another_machine_is_named_with_the_remedy() {
    // TEST-NET-1 belongs to no machine.
    let error = listen("192.0.2.1:0").await.unwrap_err();

    assert!(error.to_string().contains("does not have that address"));
}
