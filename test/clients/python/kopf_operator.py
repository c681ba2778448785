"""An operator in Python, as users of kopf write them: a ConfigMap for each Gauge."""

import kopf
import kubernetes

GAUGES = ("kopf.trueup.dev", "v1", "gauges")


@kopf.on.startup()
def configure(settings, **_):
    settings.persistence.finalizer = "kopf.trueup.dev/farewell"
    settings.posting.level = 0


@kopf.on.create(*GAUGES)
def create(body, name, namespace, spec, **_):
    dial = {"metadata": {"name": name}, "data": {"size": str(spec["size"])}}
    kopf.adopt(dial, owner=body)
    made = kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, dial)
    kopf.info(body, reason="Made", message=f"dial {name}")
    return {"dial": made.metadata.name}


@kopf.on.field(*GAUGES, field="spec.size", old=kopf.PRESENT)
def resize(name, namespace, new, **_):
    kubernetes.client.CoreV1Api().patch_namespaced_config_map(name, namespace, {"data": {"size": str(new)}})


@kopf.on.delete(*GAUGES)
def delete(body, **_):
    kopf.info(body, reason="Farewell", message="no longer measured")
