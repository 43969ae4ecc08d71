//! The store on a real directory.

use std::fs;

use futures_util::FutureExt;

use super::database::{Arrival, Origin};
use super::*;
use crate::blob::{Blob, BlobHash};
use crate::testing::TempDir;

const PEER: Origin = [7; 32];

fn store_in(dir: &TempDir) -> Store {
    Store::new(dir.path().to_path_buf())
}

#[tokio::test]
async fn what_was_put_is_there_after_reopening() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    let peer_id = store.open().await.unwrap();
    let stored = store.put(Blob::new(b"hello".to_vec()), PEER).await.unwrap();
    store.close().await.unwrap();

    let again = store_in(&dir);
    assert_eq!(again.open().await.unwrap(), peer_id);

    assert!(stored.is_new);
    assert_eq!(
        again.get(stored.hash).await.unwrap(),
        Some(Blob::new(b"hello".to_vec()))
    );
    assert_eq!(again.stat().await.unwrap(), Stat { blobs: 1, bytes: 5 });
}

#[tokio::test]
async fn putting_twice_stores_once() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();

    let first = store.put(Blob::new(b"same".to_vec()), PEER).await.unwrap();
    let second = store
        .put(Blob::new(b"same".to_vec()), [8; 32])
        .await
        .unwrap();

    assert_eq!(first.hash, second.hash);
    assert!(first.is_new && !second.is_new);
    assert_eq!(store.stat().await.unwrap(), Stat { blobs: 1, bytes: 4 });
    assert_eq!(store.arrivals(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_is_ordered_and_paged() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();
    let mut all = Vec::new();
    for number in 0..7_u8 {
        all.push(store.put(Blob::new(vec![number]), PEER).await.unwrap().hash);
    }
    all.sort_unstable();

    let first = store.list(None, 4).await.unwrap();
    let second = store.list(first.next, 4).await.unwrap();

    assert_eq!(first.hashes, all[..4]);
    assert_eq!(first.next, Some(all[3]));
    assert_eq!(second.hashes, all[4..]);
    assert_eq!(second.next, None);
    assert_eq!(store.list(None, 7).await.unwrap().next, None);
}

#[tokio::test]
async fn concurrent_puts_share_commits_and_all_arrive() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();

    let puts = (0..64_u8).map(|number| store.put(Blob::new(vec![number; 10]), PEER));
    let stored = futures_util::future::try_join_all(puts).await.unwrap();

    assert_eq!(stored.len(), 64);
    let journal = store.arrivals(0, 100).await.unwrap();
    let places = journal.iter().map(|arrival| arrival.place);
    assert!(places.eq(1..=64), "one place each, without gaps");
    assert_eq!(*store.watch_arrivals().borrow(), 64);
}

#[tokio::test]
async fn a_put_whose_caller_has_gone_holds_up_nobody() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();
    let gone = Blob::new(b"gone".to_vec());
    let hash = gone.hash();

    // Polled once: it is queued, and its commit has begun.
    assert!(store.put(gone, PEER).now_or_never().is_none());
    let next = store.put(Blob::new(b"next".to_vec()), PEER).await;
    store.flush().await.unwrap();

    assert!(next.unwrap().is_new);
    assert!(store.has(hash).await.unwrap());
}

#[tokio::test]
async fn the_journal_is_read_from_any_place_and_knows_origins() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();
    store.put(Blob::new(b"a".to_vec()), PEER).await.unwrap();
    store.put(Blob::new(b"b".to_vec()), [9; 32]).await.unwrap();

    let journal = store.arrivals(1, 10).await.unwrap();

    let hash = BlobHash::of(b"b");
    let origin = [9; 32];
    assert_eq!(
        journal,
        [Arrival {
            place: 2,
            hash,
            origin
        }]
    );
    assert_eq!(store.arrivals(u64::MAX, 10).await.unwrap(), []);
}

#[tokio::test]
async fn missing_are_those_that_are_not_there() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();
    let here = store
        .put(Blob::new(b"here".to_vec()), PEER)
        .await
        .unwrap()
        .hash;
    let absent = BlobHash::of(b"absent");

    let missing = store.missing(vec![here, absent]).await.unwrap();

    assert_eq!(missing, [absent]);
    assert!(store.has(here).await.unwrap());
    assert_eq!(store.get(absent).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_node_on_the_same_directory_is_refused_until_the_first_is_closed() {
    let dir = TempDir::new();
    let (first, second) = (store_in(&dir), store_in(&dir));
    first.open().await.unwrap();

    let error = second.open().await.unwrap_err();
    first.close().await.unwrap();

    let text = error.to_string();
    let pid = format!("in use by another node (pid {})", std::process::id());
    assert!(text.contains(&pid), "{text}");
    assert!(second.open().await.is_ok());
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let dir = TempDir::new();
    let store = store_in(&dir);

    let error = store.put(Blob::new(b"x".to_vec()), PEER).await.unwrap_err();

    assert!(matches!(error, StoreError::Closed));
    assert!(
        !dir.path().exists(),
        "a store that was not opened touches nothing"
    );
}

#[tokio::test]
async fn damaged_files_are_named_and_left_as_they_are() {
    let dir = TempDir::new();
    let store = store_in(&dir);
    store.open().await.unwrap();
    store.put(Blob::new(vec![1; 100_000]), PEER).await.unwrap();
    store.close().await.unwrap();
    let file = dir.path().join("blobs.redb");
    let sound = fs::read(&file).unwrap();
    let cut = sound[..sound.len() / 2].to_vec();
    let mut header = sound.clone();
    header[..320].fill(0x5a);
    let mut body = sound.clone();
    body[8192..].fill(0xa5);

    for damaged in [b"not a database".to_vec(), cut, header, body] {
        fs::write(&file, &damaged).unwrap();

        let error = store_in(&dir).open().await.unwrap_err();

        let text = error.to_string();
        assert!(
            text.contains("blobs.redb") && text.contains("backup"),
            "{text}"
        );
        assert_eq!(fs::read(&file).unwrap().len(), damaged.len());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_reached_is_not_called_damaged() {
    let dir = TempDir::new();
    fs::create_dir_all(dir.path().join("blobs.redb")).unwrap();

    let error = store_in(&dir).open().await.unwrap_err();

    assert!(matches!(error, StoreError::Folder { .. }), "{error}");
    assert!(error.to_string().contains("blobs.redb"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_directory_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new();
    store_in(&dir).open().await.unwrap();

    let mode = fs::metadata(dir.path()).unwrap().permissions().mode();

    assert_eq!(mode & 0o777, 0o700);
}
