//! Ways to Redis: one server, the master that Sentinels name, or a cluster. Each mends itself.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use redis::{RedisConnectionInfo, ScriptInvocation};
use tokio::sync::Mutex;

use super::EphemeralError;

/// To open a connection at the start.
const OPENING: Duration = Duration::from_secs(2);

/// To ask the Sentinels anew while somebody waits.
const ASKING: Duration = Duration::from_millis(500);

/// A way.
#[derive(Clone)]
pub(super) enum Road {
    /// `redis://`, `rediss://`: one server.
    Single(ConnectionManager),
    /// `redis+sentinel://HOST,HOST/MASTER`: whom the Sentinels call master.
    Sentinel(Arc<Sentinels>),
    /// `redis+cluster://HOST,HOST`: a cluster.
    Cluster(ClusterConnection),
}

/// The Sentinels, and the connection to whom they named last.
pub(super) struct Sentinels {
    client: Mutex<SentinelClient>,
    master: Mutex<Option<MultiplexedConnection>>,
}

fn refused(cause: &impl std::fmt::Display) -> EphemeralError {
    EphemeralError(cause.to_string())
}

/// What an address with several hosts says.
#[derive(Debug, PartialEq, Eq)]
struct Hosts<'a> {
    password: Option<&'a str>,
    nodes: Vec<String>,
    path: &'a str,
}

fn hosts(rest: &str) -> Hosts<'_> {
    let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, list) = place.rsplit_once('@').unwrap_or(("", place));
    let password = user.split_once(':').map(|(_, password)| password).filter(|p| !p.is_empty());
    let nodes = list.split(',').filter(|h| !h.is_empty()).map(|host| format!("redis://{host}/")).collect();
    Hosts { password, nodes, path }
}

impl Road {
    pub(super) async fn open(url: &str, deadline: Duration) -> Result<Self, EphemeralError> {
        if let Some(rest) = url.strip_prefix("redis+sentinel://") {
            return Self::sentinel(&hosts(rest)).await;
        }
        if let Some(rest) = url.strip_prefix("redis+cluster://") {
            return Self::cluster(hosts(rest), deadline).await;
        }
        let client = redis::Client::open(url).map_err(|e| refused(&e))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(OPENING))
            .set_response_timeout(Some(deadline))
            .set_number_of_retries(1);
        let manager = client.get_connection_manager_with_config(config).await.map_err(|e| refused(&e))?;
        Ok(Self::Single(manager))
    }

    async fn sentinel(hosts: &Hosts<'_>) -> Result<Self, EphemeralError> {
        if hosts.path.is_empty() {
            return Err(EphemeralError("write redis+sentinel://HOST:PORT,HOST:PORT/MASTER".to_owned()));
        }
        let node = hosts.password.map(|password| {
            let info = RedisConnectionInfo::default().set_password(password);
            SentinelNodeConnectionInfo::default().set_redis_connection_info(info)
        });
        let client = SentinelClient::build(hosts.nodes.clone(), hosts.path, node, SentinelServerType::Master);
        let client = Mutex::new(client.map_err(|e| refused(&e))?);
        let sentinels = Arc::new(Sentinels { client, master: Mutex::new(None) });
        match tokio::time::timeout(OPENING, sentinels.connection()).await {
            Ok(Ok(_master)) => Ok(Self::Sentinel(sentinels)),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_late) => Err(EphemeralError("the Sentinels name no master in time".to_owned())),
        }
    }

    async fn cluster(hosts: Hosts<'_>, deadline: Duration) -> Result<Self, EphemeralError> {
        let mut builder =
            ClusterClientBuilder::new(hosts.nodes).connection_timeout(OPENING).response_timeout(deadline).retries(1);
        if let Some(password) = hosts.password {
            builder = builder.password(password);
        }
        let client = builder.build().map_err(|e| refused(&e))?;
        Ok(Self::Cluster(client.get_async_connection().await.map_err(|e| refused(&e))?))
    }

    /// What happens when the memory is full, if the server says.
    pub(super) async fn policy(&self) -> Option<String> {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg("maxmemory-policy");
        let answer: Option<Vec<String>> = match self {
            Self::Single(manager) => command.query_async(&mut manager.clone()).await.ok(),
            Self::Sentinel(sentinels) => command.query_async(&mut sentinels.connection().await.ok()?).await.ok(),
            Self::Cluster(cluster) => return Self::cluster_policy(cluster.clone(), command).await,
        };
        answer.and_then(|pair| pair.into_iter().nth(1))
    }

    /// Each node has its own: the first that is not `noeviction` tells of all.
    async fn cluster_policy(mut cluster: ClusterConnection, command: redis::Cmd) -> Option<String> {
        let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let answer = cluster.route_command(command, all).await.ok()?;
        let nodes: Vec<(String, Vec<String>)> = redis::from_redis_value(answer).ok()?;
        let mut policies: Vec<String> = nodes.into_iter().filter_map(|(_, pair)| pair.into_iter().nth(1)).collect();
        policies.sort_by_key(|policy| policy == "noeviction");
        policies.into_iter().next()
    }

    /// Runs a script. Nothing if there is no answer in time.
    pub(super) async fn ask(&self, call: &ScriptInvocation<'_>, deadline: Duration) -> Option<(u32, i64)> {
        match self {
            Self::Single(manager) => run(call, manager.clone(), deadline).await,
            Self::Cluster(cluster) => run(call, cluster.clone(), deadline).await,
            Self::Sentinel(sentinels) => {
                let master = tokio::time::timeout(ASKING, sentinels.connection()).await.ok()?.ok()?;
                let answer = run(call, master, deadline).await;
                if answer.is_none() {
                    // It may not be the master any more: the Sentinels are asked anew.
                    sentinels.master.lock().await.take();
                }
                answer
            }
        }
    }
}

async fn run<C>(call: &ScriptInvocation<'_>, mut connection: C, deadline: Duration) -> Option<(u32, i64)>
where
    C: ConnectionLike + Send,
{
    tokio::time::timeout(deadline, call.invoke_async(&mut connection)).await.ok()?.ok()
}

impl Sentinels {
    async fn connection(&self) -> redis::RedisResult<MultiplexedConnection> {
        let mut master = self.master.lock().await;
        if let Some(known) = &*master {
            return Ok(known.clone());
        }
        let fresh = self.client.lock().await.get_async_connection().await?;
        *master = Some(fresh.clone());
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_hosts_a_password_and_a_name_are_read() {
        let nodes = |all: &[&str]| all.iter().map(|n| format!("redis://{n}/")).collect::<Vec<_>>();
        assert_eq!(
            hosts(":pw@a:1,b:2/mymaster"),
            Hosts { password: Some("pw"), nodes: nodes(&["a:1", "b:2"]), path: "mymaster" }
        );
        assert_eq!(hosts("a:1"), Hosts { password: None, nodes: nodes(&["a:1"]), path: "" });
    }
}
