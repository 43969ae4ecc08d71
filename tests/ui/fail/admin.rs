//! `admin` and tiers.

struct Named;

#[dig_service::node(admin)]
impl Named {
    #[rpc(name = "admin.state")]
    fn state(&self) -> u64 {
        7
    }

    #[rpc(tier = " ")]
    fn nowhere(&self) {}
}

struct Lifeless;

#[dig_service::node(lifecycle_only, admin)]
impl Lifeless {}

#[dig_service::node(admin)]
struct Structured;

fn main() {}
