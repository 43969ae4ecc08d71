//! Methods that are there or not, as a condition has it.
#![deny(warnings)]

use dig_service::RpcApi;

struct Node;

#[dig_service::node]
#[cfg(all())]
impl Node {
    #[cfg(all())]
    #[rpc(name = "one")]
    fn here(&self) -> u8 {
        1
    }

    #[cfg(any())]
    #[rpc(name = "one")]
    fn gone(&self) -> Missing {
        Missing
    }

    #[cfg_attr(all(), cfg_attr(all(), rpc), allow(unused))]
    fn nested(&self) {}

    #[cfg_attr(any(), rpc, must_use)]
    fn no_role(&self) -> u8 {
        1
    }

    #[cfg(all())]
    #[on_start]
    fn warm(&self) {}

    #[cfg(any())]
    #[on_start]
    fn cold(&self) {}
}

#[cfg(any())]
struct Absent;

#[dig_service::node]
#[cfg(any())]
impl Absent {}

#[dig_service::node]
struct Struct;

#[dig_service::methods]
impl Struct {
    #[cfg(any())]
    #[rpc]
    fn gone(&self) {}

    #[cfg(any())]
    #[on_stop]
    fn stop(&self) {}
}

fn main() {
    let names: Vec<&str> = Node::methods().iter().map(|method| method.name()).collect();
    assert_eq!(names, ["one", "nested"]);
    assert_eq!(Node.no_role(), 1);
    assert!(Struct::methods().is_empty());
}
