mod current {
    #[dig_service::dig_main(flavor = "current_thread", worker_threads = 2)]
    pub async fn main() {}
}

mod none {
    #[dig_service::dig_main(worker_threads = 0)]
    pub async fn main() {}
}

mod text {
    #[dig_service::dig_main(worker_threads = "two")]
    pub async fn main() {}
}

mod runtime {
    #[dig_service::dig_main(runtime = make, flavor = "current_thread")]
    pub async fn main() {}
}

mod code {
    #[dig_service::dig_main(exit_code = make, exit_codes = "simple")]
    pub async fn main() {}
}

fn main() {
    current::main();
    none::main();
    text::main();
    runtime::main();
    code::main();
}
