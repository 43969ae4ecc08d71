//! A `main` with options.

/// Runs nothing.
#[dig_service::dig_main(worker_threads = 4, shutdown_timeout = "1m30s", exit_codes = "sysexits")]
async fn main() -> Result<(), std::io::Error> {
    Ok(())
}
