use dig_service::{RunContext, StopContext};

struct Node;

#[dig_service::node]
impl Node {
    #[run]
    async fn work(&self, ctx: RunContext, extra: u8) {
        drop((ctx, extra));
    }

    #[on_stop]
    fn stop(&self, _ctx: &StopContext<'_>, _extra: u8) {}
}

fn main() {}
