//! The auto traits of every public type: losing one breaks other people's code.

use dig_service::testing::{
    Fault, FaultPlan, Faulty, Life, Place, TestNode, Transcript, Trial, TrialOutcome, UnknownFault,
    UnknownPlace,
};
use dig_service::*;

const fn threads<T: Send + Sync + Unpin + 'static>() {}
const fn sends<T: Send + 'static>(_: &T) {}

type Plain = Service<TestNode, (), ()>;

const _: () = {
    threads::<CancellationToken>();
    threads::<Criticality>();
    threads::<Deadlines>();
    threads::<DisconnectReason>();
    threads::<ErrorCode>();
    threads::<Event>();
    threads::<EventKind>();
    threads::<EventSubscription>();
    threads::<ExitCode>();
    threads::<ExitCodes>();
    threads::<ExitReason>();
    threads::<ExitReport>();
    threads::<ExitStatus>();
    threads::<Heartbeat>();
    threads::<InboundMessage>();
    threads::<JoinHandle<()>>();
    threads::<JsonRpcError>();
    threads::<Lagged>();
    threads::<MethodInfo>();
    threads::<Panicked>();
    threads::<ParamInfo>();
    threads::<PeerIdHex<'static>>();
    threads::<PeerInfo>();
    threads::<Phase>();
    threads::<Plain>();
    threads::<Refused>();
    threads::<RpcContext>();
    threads::<RunContext>();
    threads::<ServiceBuilder<TestNode, (), ()>>();
    threads::<ServiceError>();
    threads::<ServiceHandle>();
    threads::<ShutdownReason>();
    threads::<ShutdownToken>();
    threads::<StartContext<'static>>();
    threads::<StepError>();
    threads::<StopContext<'static>>();
    threads::<TaskContext>();
    threads::<TaskCounts>();
    threads::<TaskEnd>();
    threads::<TaskId>();
    threads::<TaskKind>();
    threads::<TaskOptions>();
    threads::<TaskOutcome>();
    threads::<TaskRegistry>();
    threads::<TaskSummary>();
    threads::<TaskDecl<TestNode>>();
    threads::<ReloadDecl<TestNode>>();
    threads::<supervisor::Audit>();
    threads::<supervisor::Backoff>();
    threads::<supervisor::ChildChange>();
    threads::<supervisor::ChildContext>();
    threads::<supervisor::ChildEvent>();
    threads::<supervisor::ChildExit>();
    threads::<supervisor::ChildManifest>();
    threads::<supervisor::ChildPhase>();
    threads::<supervisor::ChildSpec>();
    threads::<supervisor::ChildStatus>();
    threads::<supervisor::CommandError>();
    threads::<supervisor::InvalidTree>();
    threads::<supervisor::Intensity>();
    threads::<supervisor::Jitter>();
    threads::<supervisor::Outcome>();
    threads::<supervisor::Period>();
    threads::<supervisor::Supervisor>();
    threads::<supervisor::SupervisorHandle>();
    threads::<supervisor::TreeReport>();
    threads::<supervisor::TreeState>();
    threads::<TestNode>();
    threads::<Fault>();
    threads::<FaultPlan>();
    threads::<Faulty>();
    threads::<Life>();
    threads::<Place>();
    threads::<Transcript>();
    threads::<Trial<TestNode>>();
    threads::<TrialOutcome>();
    threads::<UnknownFault>();
    threads::<UnknownPlace>();
    threads::<Transport>();
    threads::<rpc_http::HttpOptions>();
    // The slots may be held as trait objects.
    threads::<Box<dyn PeerApi>>();
    threads::<Box<dyn RpcApi>>();
};

#[test]
fn futures_of_the_public_calls_can_cross_threads() {
    let service = Plain::new(TestNode::default(), (), ());
    let tasks = service.tasks().clone();
    let token = service.shutdown_token().clone();

    sends(&service.start());
    let waiting = async move {
        token.cancelled().await;
        tasks.join_all(std::time::Duration::ZERO).await
    };
    sends(&waiting);
}

#[cfg(unix)]
const _: () = {
    use dig_service::dashboard::{
        ClientError, ControlCommandRequest, ControlCommandResult, Dashboard, DashboardClient,
        DashboardError, DashboardIpcConfig, DashboardIpcService, DashboardListener, DashboardState,
        DashboardView, EventRecord, IpcRequest, IpcResponse, LogLayer, LogRecord, LogTap, Pushed,
        Subscription, ValidatedDashboardIpcConfig,
    };

    threads::<ClientError>();
    threads::<ControlCommandRequest>();
    threads::<ControlCommandResult>();
    threads::<Dashboard>();
    threads::<DashboardClient>();
    threads::<DashboardError>();
    threads::<DashboardIpcConfig>();
    threads::<DashboardIpcService>();
    threads::<DashboardListener>();
    threads::<DashboardState>();
    threads::<DashboardView>();
    threads::<EventRecord>();
    threads::<IpcRequest>();
    threads::<IpcResponse>();
    threads::<LogLayer>();
    threads::<LogRecord>();
    threads::<LogTap>();
    threads::<Pushed>();
    threads::<Subscription>();
    threads::<ValidatedDashboardIpcConfig>();
};
