//! The socket's file: its rights, its place, its end.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};

use dig_service::dashboard::{
    BindMode, DashboardError, DashboardErrorCode, DashboardIpcConfig, DashboardListener,
    DashboardStage, bind_dashboard_listener,
};

use super::{Folder, config, exists};

fn bind(config: &DashboardIpcConfig) -> Result<DashboardListener, DashboardError> {
    bind_dashboard_listener(&config.validate()?)
}

fn message(config: &DashboardIpcConfig) -> String {
    match bind(config) {
        Ok(listener) => panic!("bound: {listener:?}"),
        Err(error) => {
            assert_eq!(error.stage, DashboardStage::IpcBind);
            assert_eq!(error.code, DashboardErrorCode::ValidationFailed);
            assert!(!error.retryable);
            error.message
        }
    }
}

#[tokio::test]
async fn i52_socket_is_private_from_birth_and_so_is_its_folder() {
    let folder = Folder::new();
    let path = folder.socket();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let watcher = threads.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                if let Ok(found) = fs::symlink_metadata(&path) {
                    assert_eq!(found.mode() & 0o777, 0o600);
                }
            }
        });
        for _ in 0..500 {
            drop(bind(&config(&folder)).unwrap());
        }
        let listener = bind(&config(&folder)).unwrap();
        is_over.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
        drop(listener);
    });

    let mode = |path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(folder.0.clone()), 0o700);
    assert_eq!(mode(folder.0.join("node.sock.lock")), 0o600);
    let left: Vec<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["node.sock.lock"]);
}

#[tokio::test]
async fn mode_is_as_configured() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.permissions = "0660".to_owned();
    let listener = bind(&config).unwrap();

    assert_eq!(listener.path(), folder.socket());
    let found = fs::metadata(folder.socket()).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.mode() & 0o777, 0o660);
}

#[tokio::test]
async fn i52_only_a_stale_socket_of_ones_own_is_replaced() {
    let folder = Folder::new();
    let path = folder.socket();
    let config = config(&folder);
    fs::create_dir(&folder.0).unwrap();

    // Bound and gone, as after a crash.
    drop(UnixListener::bind(&path).unwrap());
    assert!(exists(&path));
    drop(bind(&config).unwrap());
    assert!(!exists(&path));

    fs::write(&path, "mine").unwrap();
    assert_eq!(
        message(&config),
        "IPC path must be a Unix socket before stale replacement"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();

    let elsewhere = folder.0.join("other.sock");
    drop(UnixListener::bind(&elsewhere).unwrap());
    symlink(&elsewhere, &path).unwrap();
    assert_eq!(message(&config), "IPC path must not be a symlink");
    assert!(exists(&elsewhere));
    fs::remove_file(&path).unwrap();

    let _live = UnixListener::bind(&path).unwrap();
    assert_eq!(message(&config), "IPC path is served by a live process");
    assert!(exists(&path));
}

#[tokio::test]
async fn create_new_takes_no_place_that_is_taken() {
    let folder = Folder::new();
    let mut config = config(&folder);
    config.bind_mode = BindMode::CreateNew;
    drop(bind(&config).unwrap());

    drop(UnixListener::bind(folder.socket()).unwrap());
    assert_eq!(
        message(&config),
        "IPC path already exists and bind_mode is create_new"
    );
}

#[tokio::test]
async fn i52_lock_keeps_a_second_process_out_even_before_the_socket_is_there() {
    let folder = Folder::new();
    let config = config(&folder);
    fs::create_dir(&folder.0).unwrap();
    let lock = fs::File::create(folder.0.join("node.sock.lock")).unwrap();
    lock.lock().unwrap();

    assert_eq!(message(&config), "IPC path is served by a live process");

    drop(lock);
    let first = bind(&config).unwrap();
    assert_eq!(message(&config), "IPC path is served by a live process");
    drop(first);
    assert!(bind(&config).is_ok());
}

#[tokio::test]
async fn file_that_somebody_else_has_put_there_is_not_removed() {
    let folder = Folder::new();
    let listener = bind(&config(&folder)).unwrap();
    fs::remove_file(folder.socket()).unwrap();
    fs::write(folder.socket(), "theirs").unwrap();

    drop(listener);

    assert_eq!(fs::read_to_string(folder.socket()).unwrap(), "theirs");
}

#[tokio::test]
async fn what_the_system_refuses_may_be_tried_again() {
    let folder = Folder::new();
    fs::create_dir(&folder.0).unwrap();
    fs::write(folder.0.join("file"), "").unwrap();
    let inside = DashboardIpcConfig::new("t", folder.0.join("file/node.sock"));
    let error = bind(&inside).unwrap_err();
    assert_eq!(error.code, DashboardErrorCode::IpcBindFailed);
    assert!(
        error.retryable && error.message.contains("node.sock"),
        "{error}"
    );

    // Root may write anywhere.
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0) {
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o500)).unwrap();
        let error = bind(&config(&folder)).unwrap_err();
        assert_eq!(error.code, DashboardErrorCode::IpcBindFailed);
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[tokio::test]
async fn folder_that_a_killed_process_left_behind_is_in_nobodys_way() {
    let folder = Folder::new();
    drop(bind(&config(&folder)).unwrap());
    // The name does not change from life to life: watch for it, and leave it there.
    let is_over = AtomicBool::new(false);
    let left = std::thread::scope(|threads| {
        let watcher = threads.spawn(|| {
            let mut aside = None;
            while !is_over.load(Ordering::Relaxed) {
                let all = fs::read_dir(&folder.0).into_iter().flatten().flatten();
                let is_aside = |path: &std::path::PathBuf| path.is_dir();
                aside = aside.or_else(|| all.map(|entry| entry.path()).find(is_aside));
            }
            aside
        });
        for _ in 0..2000 {
            drop(bind(&config(&folder)).unwrap());
        }
        is_over.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    });
    let Some(aside) = left else {
        return; // It was never seen: two processors, and an unlucky watcher.
    };
    fs::create_dir(&aside).unwrap();
    drop(UnixListener::bind(aside.join("s")).unwrap());

    drop(bind(&config(&folder)).unwrap());

    assert!(!exists(&aside));
}
