//! What the service needs: database, mail catcher, broker, and the page that shows the last two.

use crate::run::{Broker, Options};
use crate::say;
use actix_web::dev::ServerHandle;
use comm_devkit::kafka::{ApacheKafka, BrokerError, MockKafka, Topics};
use comm_devkit::page::{self, Feed};
use comm_devkit::postgres::{Cluster, ClusterOptions, PostgresError};
use comm_devkit::smtp::{SmtpOptions, SmtpServer};
use comm_devkit::{Place, bind_or_free, env_var};
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

const TOPIC: &str = "communication-events";
const PARTITIONS: i32 = 3;
const SMTP_PORT: u16 = 1025;
const PAGE_PORT: u16 = 8025;
const MAILS_REMEMBERED: usize = 500;

enum Kafka {
    Mock(MockKafka),
    Apache(ApacheKafka),
}

enum Database {
    Given(String),
    Own(Cluster),
}

pub(crate) struct Stack {
    database: Database,
    mails: Arc<SmtpServer>,
    kafka: Kafka,
    page: ServerHandle,
    page_port: u16,
}

impl Stack {
    pub(crate) async fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        std::fs::create_dir_all(&options.data)?;
        let database = Database::start(&options.data).await?;
        let mails = Arc::new(catcher().await?);
        let kafka = Kafka::start(options).await?;
        let events = Feed::follow(kafka.topics().follow(TOPIC).await?)?;
        let listener = bind_or_free(PAGE_PORT)?;
        let page_port = listener.local_addr()?.port();
        let page = page::serve(listener, Arc::clone(&mails), events)?;
        Ok(Self {
            database,
            mails,
            kafka,
            page,
            page_port,
        })
    }

    /// What the service has to know.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.database.url()),
            ("SMTP_HOST", Ipv4Addr::LOCALHOST.to_string()),
            ("SMTP_PORT", self.mails.port().to_string()),
            ("SMTP_USE_TLS", "false".to_owned()),
            ("KAFKA_BOOTSTRAP_SERVERS", self.kafka.bootstrap()),
        ]
    }

    pub(crate) fn announcement(&self, port: u16) -> String {
        format!(
            "
The Communication Service is ready.
  API                http://localhost:{port}/docs  (/api/emails, /health, /ready)
  Mails and events   http://localhost:{page}
  SMTP               127.0.0.1:{smtp}
  Kafka              {kafka}
  PostgreSQL         {database}

Try (1 is the id that the POST answers on fresh data):
  curl localhost:{port}/api/emails --json '{{\"therapist_id\": 7, \"betreff\": \"Anfrage\",
    \"inhalt_markdown\": \"# Guten Tag\\n\\nwir suchen einen **Therapieplatz**.\", \
\"empfaenger_email\": \"praxis@example.org\", \"empfaenger_name\": \"Dr. Ada Beispiel\"}}'
  curl -X PUT localhost:{port}/api/emails/1 --json '{{\"status\": \"In_Warteschlange\"}}'
  curl localhost:{port}/api/emails/1

Ctrl-C ends all of it.
",
            page = self.page_port,
            smtp = self.mails.port(),
            kafka = self.kafka.place(),
            database = self.database.place(),
        )
    }

    /// After the service: nobody uses these any more.
    pub(crate) async fn end(self) {
        self.page.stop(false).await;
        if let Kafka::Apache(broker) = &self.kafka {
            say("Ending Apache Kafka ...");
            broker.stop().await;
        }
        if let Database::Own(cluster) = &self.database {
            say("Ending PostgreSQL ...");
            cluster.stop().await;
        }
    }
}

impl Database {
    async fn start(data: &Path) -> Result<Self, PostgresError> {
        if let Some(url) = env_var("DATABASE_URL") {
            return Ok(Self::Given(url));
        }
        let cluster = Cluster::start(ClusterOptions::kept(data.join("postgres"))).await?;
        cluster.ensure_database("communication").await?;
        Ok(Self::Own(cluster))
    }

    fn url(&self) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Own(cluster) => cluster.url("communication"),
        }
    }

    /// A URL that was given may hold a password, so it is not shown.
    fn place(&self) -> String {
        match self {
            Self::Given(_) => "the one of DATABASE_URL".to_owned(),
            Self::Own(cluster) => {
                let folder = cluster.folder().display();
                format!("{}  (data are kept in {folder})", self.url())
            }
        }
    }
}

impl Kafka {
    async fn start(options: &Options) -> Result<Self, BrokerError> {
        if options.kafka == Broker::Mock {
            return MockKafka::start(TOPIC, PARTITIONS).map(Self::Mock);
        }
        let broker = ApacheKafka::start(&Place::Kept(options.data.join("kafka"))).await?;
        broker.topics().create(TOPIC, PARTITIONS).await?;
        Ok(Self::Apache(broker))
    }

    fn topics(&self) -> Topics {
        match self {
            Self::Mock(broker) => broker.topics(),
            Self::Apache(broker) => broker.topics(),
        }
    }

    fn bootstrap(&self) -> String {
        self.topics().bootstrap().to_owned()
    }

    fn place(&self) -> String {
        let address = self.bootstrap();
        match self {
            Self::Mock(_) => format!(
                "{address}  (a mock in memory: events vanish at exit; \
                 the real one: make run KAFKA=apache)"
            ),
            Self::Apache(broker) => {
                let folder = broker.folder().display();
                format!("{address}  (Apache Kafka; events are kept in {folder})")
            }
        }
    }
}

async fn catcher() -> io::Result<SmtpServer> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let usual = SmtpOptions::catcher(at(SMTP_PORT), MAILS_REMEMBERED);
    match SmtpServer::start(usual).await {
        Ok(server) => Ok(server),
        Err(_) => SmtpServer::start(SmtpOptions::catcher(at(0), MAILS_REMEMBERED)).await,
    }
}
