//! `fullnode import`: puts files into a running node and prints their hashes.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dig_service::client::{ClientError, HttpTransport, TransportError};
use futures_util::stream::{self, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use crate::blob::BlobHash;
use crate::cli::ImportArgs;
use crate::node::FullNodeClient;
use crate::rpc::Encoding;
use crate::store::MAX_BLOB;

/// The node that takes them.
type Node = FullNodeClient<HttpTransport>;

/// How many files are on their way at once: the node writes them with one flush.
const SIDE_BY_SIDE: usize = 8;

/// Imports everything that is named. What cannot be taken is named on stderr and skipped.
///
/// # Errors
///
/// The node cannot be reached, or something was skipped.
///
/// # Cancel safety
///
/// Cancel safe: what was printed is stored; the rest can be imported again.
pub(crate) async fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let mut files = Vec::new();
    let (mut taken, mut skipped) = (0_usize, 0_usize);
    for path in &args.paths {
        skipped += find(path, &mut files);
    }
    let bar = progress_bar(&files);
    let node = FullNodeClient::new(HttpTransport::new(&format!("http://{}", args.rpc))?);
    let node = &node;
    let mut imported = stream::iter(&files)
        .map(|file| async move { (file, import(args, node, file).await) })
        .buffered(SIDE_BY_SIDE);
    while let Some((file, end)) = imported.next().await {
        let path = file.path.display();
        match end? {
            Ok(hash) => {
                taken += 1;
                bar.suspend(|| writeln!(io::stdout(), "{hash}  {path}"))?;
            }
            Err(why) => {
                skipped += 1;
                bar.suspend(|| complain(&file.path, &why));
            }
        }
        bar.inc(file.size);
    }
    bar.finish_and_clear();
    ensure!(skipped == 0, "{taken} imported, {skipped} skipped");
    Ok(())
}

/// A file that was found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    path: PathBuf,
    size: u64,
}

/// Finds the files at a path, in the order of their names; returns how much could not be looked at.
/// Links inside folders are not followed, so that no file comes twice and no walk is endless.
fn find(path: &Path, files: &mut Vec<Found>) -> usize {
    let looked = fs::metadata(path).and_then(|metadata| match metadata.is_dir() {
        true => list(path).map(Some),
        false => {
            let (path, size) = (path.to_path_buf(), metadata.len());
            files.push(Found { path, size });
            Ok(None)
        }
    });
    match looked {
        Ok(children) => children
            .into_iter()
            .flatten()
            .map(|child| find(&child, files))
            .sum(),
        Err(error) => {
            complain(path, &error.to_string());
            1
        }
    }
}

/// The files and folders in a folder, sorted.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() || kind.is_dir() {
            children.push(entry.path());
        }
    }
    children.sort_unstable();
    Ok(children)
}

/// Puts one file; the inner error tells why it is skipped.
async fn import(
    args: &ImportArgs,
    node: &Node,
    file: &Found,
) -> anyhow::Result<Result<BlobHash, String>> {
    let path = file.path.clone();
    let bytes = match tokio::task::spawn_blocking(move || read(&path)).await? {
        Ok(bytes) => bytes,
        Err(why) => return Ok(Err(why)),
    };
    let (hash, data) = (BlobHash::of(&bytes), STANDARD.encode(&bytes));
    match node.put(data, Some(Encoding::Base64)).await {
        Ok(put) if put.hash == hash => Ok(Ok(hash)),
        Ok(put) => bail!("the node says {} where the hash is {hash}", put.hash),
        // Of this file alone, or of the node for now: the others may fare better.
        Err(ClientError::Method(refusal)) => Ok(Err(refusal.to_string())),
        Err(ClientError::Rpc(error)) => Ok(Err(error.to_string())),
        Err(error @ ClientError::Transport(TransportError::Unreachable(_))) => {
            let who = format!("no node answers at http://{} (--rpc)", args.rpc);
            Err(anyhow::Error::new(error).context(who))
        }
        Err(error) => Err(error).with_context(|| format!("at `{}`", file.path.display())),
    }
}

/// Reads a file that fits into a blob, whatever its size was when it was found.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let limit = MAX_BLOB as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    match bytes.len() <= MAX_BLOB {
        true => Ok(bytes),
        false => Err(format!("larger than a blob may be ({MAX_BLOB} bytes)")),
    }
}

/// A bar on stderr; nothing where that is not a terminal.
fn progress_bar(files: &[Found]) -> ProgressBar {
    let bar = ProgressBar::new(files.iter().map(|file| file.size).sum());
    let template = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn complain(path: &Path, why: &str) {
    // If stderr is gone, the exit code still tells.
    let _ = writeln!(io::stderr(), "skipped {}: {why}", path.display());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempDir;

    #[test]
    fn folders_are_walked_in_order_and_links_in_them_are_not_followed() {
        let dir = TempDir::new();
        let inner = dir.path().join("b");
        fs::create_dir_all(&inner).unwrap();
        for (name, content) in [("c", "ccc"), ("b/y", "y"), ("b/x", ""), ("a", "a")] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), inner.join("loop")).unwrap();

        let mut files = Vec::new();
        let skipped = find(dir.path(), &mut files);

        let names = files.iter().map(|file| file.path.strip_prefix(dir.path()));
        let names: Vec<_> = names.map(|name| name.unwrap().to_owned()).collect();
        assert_eq!(names, ["a", "b/x", "b/y", "c"].map(PathBuf::from));
        assert_eq!(files[3].size, 3);
        assert_eq!(skipped, 0);
    }

    #[test]
    fn what_is_not_there_is_counted() {
        let dir = TempDir::new();
        let mut files = Vec::new();

        assert_eq!(find(&dir.path().join("absent"), &mut files), 1);
        assert_eq!(files, []);
    }

    #[test]
    fn a_file_of_the_limit_is_read_and_one_beyond_it_is_not() {
        let dir = TempDir::new();
        fs::create_dir_all(dir.path()).unwrap();
        let file = dir.path().join("file");

        fs::write(&file, vec![0; MAX_BLOB]).unwrap();
        assert_eq!(read(&file).map(|bytes| bytes.len()), Ok(MAX_BLOB));
        fs::write(&file, vec![0; MAX_BLOB + 1]).unwrap();
        assert!(read(&file).unwrap_err().contains("1048576"));
    }
}
