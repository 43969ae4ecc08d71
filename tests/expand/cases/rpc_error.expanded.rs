//! An error with codes.
#[rpc_error(code = NotSynced)]
pub enum Error<T> {
    Behind(T),
    #[rpc_error(code = 4001, message = "no", data = Self::details)]
    NoBlock { height: u64 },
}
#[automatically_derived]
impl<T> ::dig_service::IntoRpcError for Error<T> {
    fn into_rpc_error(self) -> ::dig_service::__private::JsonRpcError {
        let (__code, __message, __data) = match &self {
            Self::Behind { .. } => {
                (
                    ::dig_service::__private::ErrorCode::NotSynced,
                    ::dig_service::__private::display(&self),
                    ::core::option::Option::None,
                )
            }
            Self::NoBlock { .. } => {
                (
                    ::dig_service::__private::error_code(4001),
                    ::dig_service::__private::text("no"),
                    ::dig_service::__private::data(Self::details(&self)),
                )
            }
        };
        ::dig_service::__private::rpc_error(__code, __message, __data)
    }
    fn declared() -> &'static [::dig_service::ErrorInfo] {
        const {
            &[
                ::dig_service::ErrorInfo::new(
                    ::dig_service::__private::ErrorCode::NotSynced.code(),
                    "",
                    "",
                ),
                ::dig_service::ErrorInfo::new(4001, "no", ""),
            ]
        }
    }
    fn from_rpc_error(
        __error: ::dig_service::__private::JsonRpcError,
    ) -> ::core::result::Result<Self, ::dig_service::__private::JsonRpcError> {
        ::core::result::Result::Err(__error)
    }
}
impl<T> Error<T> {
    fn details(&self) -> u8 {
        1
    }
}
impl<T> std::fmt::Display for Error<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("error")
    }
}
fn main() {}
