// It can be sent, but as a result: an error needs its own mapping.
#[derive(serde::Serialize)]
struct MyErr;

type Alias<T> = Result<T, MyErr>;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    async fn get(&self) -> Result<u8, MyErr> {
        Err(MyErr)
    }

    #[rpc]
    fn alias(&self) -> Alias<u8> {
        Err(MyErr)
    }
}

fn main() {}
