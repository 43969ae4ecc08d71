//! User types that are called like the prelude's.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod hostile {
    pub struct Box;
    pub struct Result;
    pub struct Vec;
    pub struct Pin;
    pub struct Send;
    pub struct Value;
    pub struct Some;
    pub struct Ok;
    pub struct Err;

    #[derive(serde::Deserialize, serde::Serialize)]
    pub struct String(pub u8);

    #[derive(serde::Deserialize, serde::Serialize)]
    pub struct Option(pub u8);
}

use hostile::*;

trait Default {}
trait From {}
trait Into {}
trait Clone {}
trait Future {}

struct Node;

#[dig_service::node(name = "hostile")]
impl Node {
    #[rpc]
    async fn get(&self, __s: String, params: Option, __r: u8, method: u8, #[arg(default)] cx: u8) -> String {
        let _ = (__s, params, __r, method, cx);
        String(1)
    }

    #[rpc]
    fn dispatch(&self, self_: &str) -> bool {
        self_.is_empty()
    }

    #[rpc]
    fn text(&self, cx: &dig_service::RpcContext, #[params] all: std::vec::Vec<u8>) -> usize {
        let _ = cx;
        all.len()
    }

    #[on_start]
    async fn on_start(&self, __ctx: &dig_service::StartContext<'_>) {
        let _ = __ctx.name;
    }

    #[run]
    async fn run(&self) -> ! {
        std::future::pending().await
    }

    fn boxed(&self) {}
    fn __dig_kind(&self) {}
}

#[derive(Debug, dig_service::RpcError)]
#[rpc_error(code = 1)]
enum Error {
    A,
    B { code: u8 },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}

#[dig_service::node]
struct Struct;

#[dig_service::methods]
impl Struct {
    #[rpc]
    fn methods(&self, dispatch: u8) -> core::result::Result<u8, Error> {
        core::result::Result::Err(Error::B { code: dispatch })
    }

    #[on_stop]
    async fn on_stop(&self) {}
}

fn main() {
    let _ = dig_service::Service::for_node(Node);
    let _ = dig_service::Service::for_node(Struct);
}
