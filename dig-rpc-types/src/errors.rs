//! The error codes: a fixed list that never changes its numbers, open at the end.
//!
//! One table pairs each number with its name and its default message. A number outside the table
//! becomes [`ErrorCode::Other`] and keeps its value, so a newer peer's codes pass through unharmed.
//! What a code means for a retry or an HTTP status is not decided here.

use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The numbers JSON-RPC 2.0 keeps for itself.
const RESERVED: RangeInclusive<i32> = -32768..=-32000;
/// The first number of this project's own codes.
const FIRST_DIG: i32 = 10_000;

macro_rules! fixed_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)+) => {
        /// Says what went wrong, as a number on the wire.
        ///
        /// Equal numbers are equal codes: a number of the fixed list is never an `Other`, because
        /// only `From<i32>` makes one.
        ///
        /// # Examples
        ///
        /// ```
        /// use dig_rpc_types::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::from(10004), ErrorCode::RateLimited);
        ///
        /// let unknown: ErrorCode = serde_json::from_str("4711")?;
        /// assert!(matches!(unknown, ErrorCode::Other(_)));
        /// assert_eq!(serde_json::to_string(&unknown)?, "4711");
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* #[doc = concat!("\n\nSent as `", $code, "`.")] $name,)+
            /// A number outside the fixed list.
            Other(OtherCode),
        }

        impl ErrorCode {
            /// The fixed list, in the order of the table.
            pub const FIXED: &'static [Self] = &[$(Self::$name),+];

            /// Returns the number that is sent.
            #[must_use]
            pub const fn code(self) -> i32 {
                match self {
                    $(Self::$name => $code,)+
                    Self::Other(other) => other.code(),
                }
            }

            /// Returns the variant's name; `"Other"` for a number outside the fixed list.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    Self::Other(_) => "Other",
                }
            }

            /// Returns the default message, for an error that has nothing better to say.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)+
                    Self::Other(_) if self.is_jsonrpc_reserved() => "Server error",
                    Self::Other(_) => "Application error",
                }
            }
        }

        impl From<i32> for ErrorCode {
            /// Finds the code of a number; unknown numbers are kept as `Other`.
            fn from(code: i32) -> Self {
                match code {
                    $($code => Self::$name,)+
                    other => Self::Other(OtherCode(other)),
                }
            }
        }
    };
}

fixed_codes! {
    /// The text is not JSON.
    ParseError = -32700, "Parse error";
    /// The JSON is not a request.
    InvalidRequest = -32600, "Invalid Request";
    /// No method has that name.
    MethodNotFound = -32601, "Method not found";
    /// The method does not take these params.
    InvalidParams = -32602, "Invalid params";
    /// The server failed in a way that is not the caller's doing.
    InternalError = -32603, "Internal error";
    /// The node has not caught up with the chain yet.
    NotSynced = 10001, "Not synced";
    /// The peer is not known, or not allowed to connect.
    PeerUnauthorized = 10002, "Peer unauthorized";
    /// The caller is known but may not do this.
    PermissionDenied = 10003, "Permission denied";
    /// The caller asks too often.
    RateLimited = 10004, "Rate limited";
    /// The thing asked for does not exist.
    ResourceNotFound = 10005, "Resource not found";
    /// The validator refuses to sign, as it could be slashed for it.
    SlashingGuardBlocked = 10010, "Slashing guard blocked";
    /// A signature does not verify.
    InvalidSignature = 10011, "Invalid signature";
    /// A proof does not verify.
    InvalidProof = 10012, "Invalid proof";
    /// The layer below cannot be reached.
    L1Unavailable = 10020, "L1 unavailable";
    /// The wallet must be unlocked first.
    WalletLocked = 10030, "Wallet locked";
    /// The service is stopping and takes no new work.
    ShutdownPending = 10040, "Shutdown pending";
    /// The caller is on another network.
    NetworkMismatch = 10050, "Network mismatch";
    /// The caller speaks another version of the protocol.
    VersionMismatch = 10051, "Version mismatch";
}

impl ErrorCode {
    /// Returns `true` for the numbers JSON-RPC 2.0 reserves, -32768 to -32000.
    #[must_use]
    pub const fn is_jsonrpc_reserved(self) -> bool {
        let code = self.code();
        *RESERVED.start() <= code && code <= *RESERVED.end()
    }

    /// Returns `true` for this project's own numbers, 10000 and above.
    #[must_use]
    pub const fn is_dig_specific(self) -> bool {
        self.code() >= FIRST_DIG
    }
}

impl fmt::Display for ErrorCode {
    /// Writes the default message and the number: `Method not found (-32601)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message(), self.code())
    }
}

impl From<ErrorCode> for i32 {
    fn from(code: ErrorCode) -> Self {
        code.code()
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.code())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    /// Reads an integer within `i32`; fractions, even `1.0`, and larger integers are refused.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(CodeVisitor)
    }
}

/// A number outside the fixed list; only [`ErrorCode`]'s `From<i32>` makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OtherCode(i32);

impl OtherCode {
    /// Returns the number that is sent.
    #[must_use]
    pub const fn code(self) -> i32 {
        self.0
    }
}

struct CodeVisitor;

impl de::Visitor<'_> for CodeVisitor {
    type Value = ErrorCode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an error code: an integer from {} to {}",
            i32::MIN,
            i32::MAX
        )
    }

    fn visit_i64<E: de::Error>(self, code: i64) -> Result<ErrorCode, E> {
        i32::try_from(code)
            .map(ErrorCode::from)
            .map_err(|_| E::invalid_value(Unexpected::Signed(code), &self))
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<ErrorCode, E> {
        i32::try_from(code)
            .map(ErrorCode::from)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(code), &self))
    }
}

#[cfg(test)]
mod tests;
