use dig_service::{RunContext, StopContext};

struct Node;

#[dig_service::node]
impl Node {
    #[run]
    async fn work(&self, ctx: &RunContext) {
        let _ = ctx;
    }

    #[on_start]
    fn warm(&self, ctx: &StopContext<'_>) {
        let _ = ctx;
    }

    #[on_stop]
    fn stop(&self) -> u8 {
        1
    }

    #[post_stop]
    fn close(&self) -> Result<u8, std::fmt::Error> {
        Ok(1)
    }

    #[cleanup]
    fn tidy(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
