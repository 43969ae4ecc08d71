use dig_service::testing::TestNode;
use dig_service::Service;

#[dig_service::dig_main]
async fn main() -> Result<Service<TestNode, (), ()>, Box<dyn std::error::Error>> {
    Ok(Service::new(TestNode::default(), (), ()))
}
