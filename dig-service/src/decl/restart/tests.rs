use super::*;

#[test]
fn every_policy_is_read_back_from_its_text() {
    for policy in RestartPolicy::ALL {
        assert_eq!(policy.to_string().parse(), Ok(policy));
    }
}

#[test]
fn unknown_policy_is_named_with_the_remedy() {
    let error = "sometimes".parse::<RestartPolicy>().unwrap_err();

    assert_eq!(
        error.to_string(),
        "unknown restart policy `sometimes`; use `always`, `on_failure` or `never`"
    );
}
