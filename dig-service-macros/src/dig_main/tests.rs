use quote::quote;

use super::expand;

#[test]
fn the_users_function_is_nested_whole_and_its_documentation_stays_outside() {
    let expanded = expand(
        quote!(),
        &quote! {
            #[cfg(unix)]
            /// Doc.
            #[instrument]
            pub async fn start() -> Out { half typed }
        },
    );

    let expected = quote! {
        #[cfg(unix)]
        /// Doc.
        pub fn start() -> ::std::process::ExitCode {
            #[instrument]
            async fn start() -> Out { half typed }
            ::dig_service::__private::run_main(
                ::dig_service::__private::MainConfig::new(),
                start
            )
        }
    };
    assert_eq!(expanded.to_string(), expected.to_string());
}

#[test]
fn with_an_error_there_is_still_a_main() {
    let text = expand(quote!(), &quote! { fn main() {} }).to_string();

    assert!(text.starts_with("fn main () { fn main () { }"), "{text}");
    assert_eq!(text.matches("compile_error").count(), 1);
}
