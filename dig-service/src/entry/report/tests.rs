use super::*;

#[test]
fn names_are_told_once_with_their_count() {
    assert_eq!(counted(&["peer", "sync", "peer", "peer"]), "peer x3, sync");
}

fn report(errors: &[(&'static str, &Arc<anyhow::Error>)]) -> ExitReport {
    let service = crate::service::Service::new(Node, (), ());
    let handle = service.handle();
    service.request_shutdown(crate::ShutdownReason::UserRequested);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _ = runtime.block_on(service.start());
    let mut report = handle.exit_report().expect("a report");
    let steps = errors.iter().map(|(step, error)| StepError {
        step,
        error: Arc::clone(error),
    });
    report.errors = steps.collect();
    report
}

struct Node;
impl crate::lifecycle::NodeLifecycle for Node {}

/// I6. The first error of the report is taken for the one that was returned.
#[test]
fn start_error_after_the_stop_is_told_beside_that_of_on_stop() {
    let (start, stop) = (anyhow::anyhow!("no peers"), anyhow::anyhow!("disk full"));
    let (start, stop) = (Arc::new(start), Arc::new(stop));
    let report = report(&[("on_start", &start), ("on_stop", &stop)]);
    let failure = crate::ServiceError::OnStopFailed(stop);

    let told = text(&Ending::Ran(Err(failure), Some(Box::new(report))));

    assert!(told.contains("no peers"), "{told}");
    assert_eq!(told.matches("disk full").count(), 1, "{told}");
}

/// I6. A `Fatal` stop is no step's error, and yet hides the first of them.
#[test]
fn fatal_stop_does_not_hide_the_error_of_a_step() {
    let start = Arc::new(anyhow::anyhow!("no peers"));
    let report = report(&[("on_start", &start)]);
    let fatal = crate::ShutdownReason::Fatal("critical task `voter`: completed".to_owned());
    let status = crate::ExitStatus {
        reason: ExitReason::RequestedShutdown(fatal),
    };

    let told = text(&Ending::Ran(Ok(status), Some(Box::new(report))));

    assert!(told.contains("no peers"), "{told}");
}
