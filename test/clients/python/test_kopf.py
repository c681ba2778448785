"""An operator made with kopf, on the API server that KUBECONFIG names."""

import pathlib
import unittest

from kopf.testing import KopfRunner
from kubernetes import client, config, watch

NAMESPACE = "default"
GROUP = "kopf.trueup.dev"
SECONDS = 10
OPERATOR = str(pathlib.Path(__file__).with_name("kopf_operator.py"))
OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"gauges.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"kind": "Gauge", "plural": "gauges", "singular": "gauge"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": OPEN, "status": OPEN}}},
            }
        ],
    },
}


def events_of(list_objects, *where, **selector):
    return watch.Watch().stream(list_objects, *where, timeout_seconds=SECONDS, **selector)


class Operator(unittest.TestCase):
    def test_handles_creation_change_and_deletion(self):
        config.load_kube_config()
        core, custom, extensions = client.CoreV1Api(), client.CustomObjectsApi(), client.ApiextensionsV1Api()
        at = {"group": GROUP, "version": "v1", "namespace": NAMESPACE, "plural": "gauges"}
        name = "pressure"
        extensions.create_custom_resource_definition(DEFINITION)
        dials = (core.list_namespaced_config_map, NAMESPACE)

        with KopfRunner(["run", "--standalone", "--namespace", NAMESPACE, OPERATOR], timeout=SECONDS) as runner:
            gauge = {"apiVersion": f"{GROUP}/v1", "kind": "Gauge", "metadata": {"name": name}, "spec": {"size": 1}}
            created = custom.create_namespaced_custom_object(**at, body=gauge)
            for event in events_of(*dials, field_selector=f"metadata.name={name}"):
                dial = event["object"]
                break
            self.assertEqual((dial.data, dial.metadata.owner_references[0].uid), ({"size": "1"}, created["metadata"]["uid"]))
            for event in events_of(custom.list_namespaced_custom_object, *at.values()):
                if "status" in event["object"]:
                    handled = event["object"]
                    break
            self.assertEqual(handled["status"]["create"], {"dial": name})
            self.assertEqual(handled["metadata"]["finalizers"], [f"{GROUP}/farewell"])

            custom.patch_namespaced_custom_object(**at, name=name, body={"spec": {"size": 2}})
            for event in events_of(*dials, field_selector=f"metadata.name={name}"):
                resized = event["object"]
                if resized.data == {"size": "2"}:
                    break
            else:
                self.fail("the dial was not changed")

            custom.delete_namespaced_custom_object(**at, name=name)
            since = resized.metadata.resource_version
            for event in events_of(*dials, field_selector=f"metadata.name={name}", resource_version=since):
                if event["type"] == "DELETED":
                    break
            else:
                self.fail("the dial was not collected")
            said = (core.list_namespaced_event, NAMESPACE)
            for event in events_of(*said, field_selector=f"involvedObject.name={name},reason=Farewell"):
                break
            else:
                self.fail("nothing was said")
        self.assertIsNone(runner.exception)
        self.assertEqual(runner.exit_code, 0)


if __name__ == "__main__":
    unittest.main()
