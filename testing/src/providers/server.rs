//! gRPC over HTTP/2, as much as the plugin protocol needs: one message in, one message out.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::net::{UnixListener, UnixStream};

use super::service::{Answer, Connection, Service};

/// gRPC's status codes.
const OK: HeaderValue = HeaderValue::from_static("0");
const UNIMPLEMENTED: HeaderValue = HeaderValue::from_static("12");
const INTERNAL: HeaderValue = HeaderValue::from_static("13");

/// A schema of all types is larger than HTTP/2's windows are by default.
const WINDOW: u32 = 1 << 22;

/// Answers whoever connects, for ever.
pub(crate) async fn serve(listener: UnixListener, service: Arc<Service>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&service)));
    }
}

async fn connection(stream: UnixStream, service: Arc<Service>) {
    let mut builder = h2::server::Builder::new();
    builder.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
    // Whoever only looks whether somebody listens says nothing.
    let Ok(mut http) = builder.handshake::<_, Bytes>(stream).await else { return };
    let connection = Arc::new(Connection::default());
    while let Some(Ok((request, respond))) = http.accept().await {
        tokio::spawn(answer(request, respond, Arc::clone(&service), Arc::clone(&connection)));
    }
}

async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    service: Arc<Service>,
    connection: Arc<Connection>,
) {
    let call = request.uri().path().to_owned();
    // A connection that ends while it is answered is nobody's loss.
    let _gone = match body(request.into_body(), &call).await {
        Ok(body) => match service.call(&connection, &call, &body) {
            Ok(Answer::Message(message)) => send(&mut respond, &message),
            Ok(Answer::Unimplemented) => refuse(&mut respond, UNIMPLEMENTED, "not done here"),
            Err(reason) => refuse(&mut respond, INTERNAL, &reason),
        },
        Err(reason) => refuse(&mut respond, INTERNAL, &reason),
    };
}

/// The one message of a request, without the five bytes that say how long it is.
async fn body(mut stream: h2::RecvStream, call: &str) -> Result<Bytes, String> {
    if call.starts_with("/plugin.GRPCStdio/") || call.starts_with("/plugin.GRPCBroker/") {
        // These stay open, and are not answered.
        return Ok(Bytes::new());
    }
    let mut body = BytesMut::new();
    while let Some(data) = stream.data().await {
        let data = data.map_err(|error| error.to_string())?;
        body.extend_from_slice(&data);
        stream.flow_control().release_capacity(data.len()).map_err(|error| error.to_string())?;
    }
    if body.len() < 5 || body[0] != 0 {
        return Err("there is no message, or a compressed one".to_owned());
    }
    Ok(body.split_off(5).freeze())
}

fn head(status: Option<(HeaderValue, &str)>) -> Response<()> {
    let mut response = Response::new(());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    if let Some((code, message)) = status {
        response.headers_mut().insert("grpc-status", code);
        if let Ok(message) = HeaderValue::from_str(message) {
            response.headers_mut().insert("grpc-message", message);
        }
    }
    response
}

fn refuse(respond: &mut SendResponse<Bytes>, code: HeaderValue, reason: &str) -> Result<(), h2::Error> {
    respond.send_response(head(Some((code, reason))), true).map(|_| ())
}

fn send(respond: &mut SendResponse<Bytes>, message: &[u8]) -> Result<(), h2::Error> {
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.extend_from_slice(message);
    let mut stream = respond.send_response(head(None), false)?;
    stream.send_data(framed.freeze(), false)?;
    stream.send_trailers(HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), OK)]))
}
