//! A `main` with options.
/// Runs nothing.
fn main() -> ::std::process::ExitCode {
    async fn main() -> Result<(), std::io::Error> {
        Ok(())
    }
    ::dig_service::__private::run_main(
        ::dig_service::__private::MainConfig::new()
            .worker_threads(4usize)
            .shutdown_timeout(::dig_service::__private::Duration::from_millis(90000u64))
            .exit_codes(::dig_service::__private::ExitCodes::Sysexits),
        main,
    )
}
