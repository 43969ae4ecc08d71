mod flavor {
    #[dig_service::dig_main(flavor = "threaded")]
    pub async fn main() {}
}

mod signals {
    #[dig_service::dig_main(signals = "all")]
    pub async fn main() {}
}

mod timeout {
    #[dig_service::dig_main(shutdown_timeout = "10")]
    pub async fn main() {}
}

mod unit {
    #[dig_service::dig_main(shutdown_timeout = "10 parsecs")]
    pub async fn main() {}
}

mod codes {
    #[dig_service::dig_main(exit_codes = "posix")]
    pub async fn main() {}
}

mod unknown {
    #[dig_service::dig_main(flavour = "current_thread")]
    pub async fn main() {}
}

#[dig_service::dig_main]
struct Main;

fn main() {
    flavor::main();
    signals::main();
    timeout::main();
    unit::main();
    codes::main();
    unknown::main();
    let _ = Main;
}
