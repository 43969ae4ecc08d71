use super::*;

fn entry(id: u64) -> Entry {
    Entry {
        id: NodeId(id),
        name: format!("c{id}").into(),
        path: format!("/c{id}").into(),
        is_supervisor: false,
        tags: Arc::default(),
        record: Record::new(),
        pulse: None,
        cause: None,
        is_shown: true,
        told_at: 0,
        rules: Arc::default(),
        dependencies: Arc::default(),
    }
}

#[test]
fn reader_shares_all_chunks_and_the_writer_copies_one() {
    let directory = Directory::default();
    (0..200).for_each(|id| directory.insert(entry(id)));
    let before = directory.inner.lock().chunks.clone();

    let mut record = Record::new();
    record.starts = 7;
    directory.tell(NodeId(70), &record, ChildChange::Started);

    let after = directory.inner.lock().chunks.clone();
    let shared = before.iter().zip(&after);
    let shared: Vec<_> = shared.map(|(old, new)| Arc::ptr_eq(old, new)).collect();
    assert_eq!(shared, [true, false, true, true]);
    let starts = |chunks: &[Arc<Chunk>]| chunks[1][6].as_ref().map(|e| e.record.starts);
    assert_eq!((starts(&before), starts(&after)), (Some(0), Some(7)));
}

#[test]
fn places_of_removed_children_are_used_again() {
    let directory = Directory::default();
    (0..64).for_each(|id| directory.insert(entry(id)));
    for id in 64..1000 {
        directory.remove(NodeId(id - 64));
        directory.insert(entry(id));
    }

    let inner = directory.inner.lock();
    assert_eq!((inner.chunks.len(), inner.places.len()), (1, 64));
    drop(inner);
    assert_eq!(directory.find("c999"), Ok(NodeId(999)));
    assert!(directory.find("c7").is_err());
}
