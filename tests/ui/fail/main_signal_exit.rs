mod unknown {
    #[dig_service::dig_main(signal_exit = "die")]
    pub async fn main() {}
}

mod beside {
    fn code(_: &dig_service::Result<dig_service::ExitStatus>) -> u8 {
        0
    }

    #[dig_service::dig_main(exit_code = code, signal_exit = "code")]
    pub async fn main() {}
}

fn main() {
    unknown::main();
    beside::main();
}
