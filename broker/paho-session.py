"""Drives Eclipse Paho's Python client as a test asks: one JSON of settings in argv, one JSON line for each event out."""
import json
import sys

import paho.mqtt.client as paho

settings = json.loads(sys.argv[1])


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def make(client_id):
    version = getattr(paho, "CallbackAPIVersion", None)
    arguments = dict(client_id=client_id, clean_session=True, transport=settings["transport"])
    return paho.Client(version.VERSION1, **arguments) if version else paho.Client(**arguments)


def on_connect(client, userdata, flags, code):
    tell("connected", code=code)
    if code != 0:
        client.disconnect()
        return
    if settings["subscribe"]:
        client.subscribe(settings["subscribe"], qos=1)
    else:
        publish(client)


def publish(client):
    for topic, payload, qos, retain in settings["publish"]:
        client.publish(topic, payload, qos=qos, retain=retain)


def on_subscribe(client, userdata, mid, granted):
    tell("subscribed", granted=list(granted))
    publish(client)


def on_message(client, userdata, message):
    tell("message", topic=message.topic, payload=message.payload.decode(), qos=message.qos, retain=bool(message.retain))


client = make(settings["clientId"])
client.username_pw_set(settings["user"], settings["password"])
if settings.get("will"):
    client.will_set(settings["will"][0], settings["will"][1], qos=1)
if settings.get("ca"):
    client.tls_set(ca_certs=settings["ca"])
if settings["transport"] == "websockets":
    client.ws_set_options(path="/mqtt")
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.on_publish = lambda client, userdata, mid: tell("published")
client.connect("127.0.0.1", settings["port"], keepalive=30)
client.loop_forever()
