struct Node;

#[dig_service::node]
impl Node {
    #[on_start]
    fn first(&self) {}

    #[on_start]
    async fn second(&self) {}

    #[cfg(all())]
    #[cleanup]
    fn one_way(&self) {}

    #[cfg(not(any()))]
    #[cleanup]
    fn other_way(&self) {}
}

fn main() {}
