use super::Case;

#[test]
fn cases_are_spelt() {
    assert_eq!(Case::Camel.spell("get_block_by_hash"), "getBlockByHash");
    assert_eq!(Case::Camel.spell("get"), "get");
    assert_eq!(Case::Snake.spell("getBlock"), "get_block");
    assert_eq!(Case::Snake.spell("get_block2"), "get_block2");
    assert_eq!(Case::AsWritten.spell("getBlock_x"), "getBlock_x");
}
