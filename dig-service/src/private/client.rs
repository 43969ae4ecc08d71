//! What generated clients name.

pub use crate::rpc::client::typed::{
    Params, ReceivedResult, ReturnType, SentParam, call, notify, received, subscribe, subscribed,
};
