"""What users of the official Python client rely on, on the API server that KUBECONFIG names."""

import datetime
import threading
import unittest

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

NAMESPACE = "python"
GROUP = "python.trueup.dev"
SECONDS = 10

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
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"size": {"type": "integer", "maximum": 10}, "unit": {"type": "string", "default": "mm"}},
                            },
                            "status": {"type": "object", "properties": {"size": {"type": "integer"}}},
                        },
                    }
                },
            }
        ],
    },
}

DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": NAMESPACE},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]}]},
        },
    },
}


def setUpModule():
    config.load_kube_config()
    core = client.CoreV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
    client.ApiextensionsV1Api().create_custom_resource_definition(DEFINITION)
    until(
        DEFINITION["metadata"]["name"],
        lambda found: any(c.type == "Established" and c.status == "True" for c in found.status.conditions or []),
        client.ApiextensionsV1Api().list_custom_resource_definition,
    )


def until(name, is_so, list_objects, *where):
    """Waits until an object is as it should be, and returns it."""
    watcher = watch.Watch()
    options = {"field_selector": f"metadata.name={name}", "timeout_seconds": SECONDS}
    for event in watcher.stream(list_objects, *where, **options):
        if event["type"] != "DELETED" and is_so(event["object"]):
            watcher.stop()
            return event["object"]
    raise AssertionError(f"{name} did not get there")


def settings(name, data, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


class Objects(unittest.TestCase):
    def setUp(self):
        self.core = client.CoreV1Api()

    def test_are_created_read_replaced_and_deleted(self):
        created = self.core.create_namespaced_config_map(NAMESPACE, settings("plain", {"a": "1"}))
        self.assertIsInstance(created.metadata.creation_timestamp, datetime.datetime)
        created.data["b"] = "2"
        replaced = self.core.replace_namespaced_config_map("plain", NAMESPACE, created)
        self.assertEqual(replaced.data, {"a": "1", "b": "2"})
        with self.assertRaises(ApiException) as stale:
            self.core.replace_namespaced_config_map("plain", NAMESPACE, created)
        self.assertEqual((stale.exception.status, stale.exception.reason), (409, "Conflict"))
        deleted = self.core.delete_namespaced_config_map("plain", NAMESPACE)
        self.assertEqual(client.ApiClient().sanitize_for_serialization(deleted)["status"], "Success")
        with self.assertRaises(ApiException) as gone:
            self.core.read_namespaced_config_map("plain", NAMESPACE)
        self.assertEqual(gone.exception.status, 404)

    def test_are_patched_in_four_ways(self):
        self.core.create_namespaced_config_map(NAMESPACE, settings("patched", {"a": "1"}))
        for content_type, body in [
            ("application/strategic-merge-patch+json", {"data": {"b": "2"}}),
            ("application/merge-patch+json", {"data": {"c": "3"}}),
            ("application/json-patch+json", [{"op": "add", "path": "/data/d", "value": "4"}]),
        ]:
            self.core.patch_namespaced_config_map("patched", NAMESPACE, body, _content_type=content_type)
        patched = self.core.read_namespaced_config_map("patched", NAMESPACE)
        self.assertEqual(patched.data, {"a": "1", "b": "2", "c": "3", "d": "4"})
        applied = self.core.patch_namespaced_config_map(
            "applied",
            NAMESPACE,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"e": "5"}},
            field_manager="python",
            _content_type="application/apply-patch+yaml",
        )
        self.assertEqual([entry.manager for entry in applied.metadata.managed_fields], ["python"])

    def test_are_listed_by_selector_and_in_pages(self):
        for name in ["one", "two", "three"]:
            self.core.create_namespaced_config_map(NAMESPACE, settings(name, {}, {"list": "yes"}))
        first = self.core.list_namespaced_config_map(NAMESPACE, label_selector="list=yes", limit=2)
        rest = self.core.list_namespaced_config_map(
            NAMESPACE, label_selector="list=yes", limit=2, _continue=first.metadata._continue
        )
        self.assertEqual([item.metadata.name for item in first.items + rest.items], ["one", "three", "two"])
        by_name = self.core.list_namespaced_config_map(NAMESPACE, field_selector="metadata.name=two")
        self.assertEqual(len(by_name.items), 1)

    def test_are_watched_from_a_resource_version(self):
        listed = self.core.list_namespaced_secret(NAMESPACE)
        self.core.create_namespaced_secret(
            NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name="seen"), string_data={"key": "value"})
        )
        self.core.patch_namespaced_secret("seen", NAMESPACE, {"metadata": {"labels": {"a": "b"}}})
        self.core.delete_namespaced_secret("seen", NAMESPACE)
        seen = []
        watcher = watch.Watch()
        for event in watcher.stream(
            self.core.list_namespaced_secret,
            NAMESPACE,
            resource_version=listed.metadata.resource_version,
            timeout_seconds=SECONDS,
        ):
            seen.append((event["type"], event["object"].data, event["object"].metadata.labels))
            if event["type"] == "DELETED":
                watcher.stop()
        data = {"key": "dmFsdWU="}
        self.assertEqual(seen, [("ADDED", data, None), ("MODIFIED", data, {"a": "b"}), ("DELETED", data, {"a": "b"})])

    def test_are_watched_no_longer_than_asked(self):
        quiet = watch.Watch().stream(self.core.list_namespaced_pod, NAMESPACE, label_selector="no=one", timeout_seconds=1)
        self.assertEqual(list(quiet), [])

    def test_are_refused_with_causes(self):
        with self.assertRaises(ApiException) as refused:
            self.core.create_namespaced_config_map(NAMESPACE, settings("Not A Name", {}))
        self.assertEqual(refused.exception.status, 422)
        self.assertIn('"field":"metadata.name"', refused.exception.body.replace(" ", ""))


class CustomObjects(unittest.TestCase):
    def setUp(self):
        self.api = client.CustomObjectsApi()
        self.at = {"group": GROUP, "version": "v1", "namespace": NAMESPACE, "plural": "gauges"}

    def gauge(self, name, size):
        return {"apiVersion": f"{GROUP}/v1", "kind": "Gauge", "metadata": {"name": name}, "spec": {"size": size}}

    def test_are_created_patched_scaled_and_deleted(self):
        created = self.api.create_namespaced_custom_object(**self.at, body=self.gauge("one", 1))
        self.assertEqual(created["spec"], {"size": 1, "unit": "mm"})
        self.api.patch_namespaced_custom_object(**self.at, name="one", body={"spec": {"size": 2}})
        status = self.api.patch_namespaced_custom_object_status(**self.at, name="one", body={"status": {"size": 2}})
        self.assertEqual((status["spec"]["size"], status["status"]), (2, {"size": 2}))
        scale = self.api.get_namespaced_custom_object_scale(**self.at, name="one")
        self.assertEqual((scale["kind"], scale["spec"], scale["status"]), ("Scale", {"replicas": 2}, {"replicas": 2}))
        with self.assertRaises(ApiException) as refused:
            self.api.patch_namespaced_custom_object(**self.at, name="one", body={"spec": {"size": 11}})
        self.assertEqual(refused.exception.status, 422)
        self.api.delete_namespaced_custom_object(**self.at, name="one")
        self.assertEqual(self.api.list_namespaced_custom_object(**self.at)["items"], [])

    def test_are_found_by_the_dynamic_client(self):
        gauges = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version=f"{GROUP}/v1", kind="Gauge")
        gauges.create(body=self.gauge("dynamic", 3), namespace=NAMESPACE)
        applied = gauges.server_side_apply(
            body=self.gauge("dynamic", 4), name="dynamic", namespace=NAMESPACE, field_manager="python", force_conflicts=True
        )
        self.assertEqual(applied.spec.size, 4)
        events = gauges.watch(namespace=NAMESPACE, name="dynamic", timeout=SECONDS)
        self.assertEqual(next(events)["object"].spec.size, 4)
        gauges.delete(name="dynamic", namespace=NAMESPACE)


class Workloads(unittest.TestCase):
    def test_come_up_from_a_manifest_and_go_in_the_foreground(self):
        apps = client.AppsV1Api()
        utils.create_from_dict(client.ApiClient(), DEPLOYMENT)
        until("web", lambda found: found.status.ready_replicas == 2, apps.list_namespaced_deployment, NAMESPACE)
        pods = client.CoreV1Api().list_namespaced_pod(NAMESPACE, label_selector="app=web").items
        self.assertEqual([pod.status.phase for pod in pods], ["Running", "Running"])
        apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 1}})
        until("web", lambda found: found.status.replicas == 1, apps.list_namespaced_deployment, NAMESPACE)
        watcher = watch.Watch()
        listed = apps.list_namespaced_deployment(NAMESPACE)
        apps.delete_namespaced_deployment("web", NAMESPACE, propagation_policy="Foreground")
        for event in watcher.stream(
            apps.list_namespaced_deployment,
            NAMESPACE,
            resource_version=listed.metadata.resource_version,
            timeout_seconds=SECONDS,
        ):
            if event["type"] == "DELETED":
                watcher.stop()
        self.assertEqual(client.CoreV1Api().list_namespaced_pod(NAMESPACE, label_selector="app=web").items, [])


class Server(unittest.TestCase):
    def test_says_who_may_do_what(self):
        review = client.V1SelfSubjectAccessReview(
            spec=client.V1SelfSubjectAccessReviewSpec(
                resource_attributes=client.V1ResourceAttributes(verb="create", group=GROUP, resource="gauges")
            )
        )
        self.assertTrue(client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed)

    def test_issues_tokens_for_service_accounts_who_may_not_do_everything(self):
        core = client.CoreV1Api()
        core.create_namespaced_service_account(NAMESPACE, {"metadata": {"name": "robot"}})
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600)
        )
        issued = core.create_namespaced_service_account_token("robot", NAMESPACE, request)
        robot = client.Configuration.get_default_copy()
        robot.api_key = {}
        as_robot = client.ApiClient(robot, "authorization", f"Bearer {issued.status.token}")
        with self.assertRaises(ApiException) as refused:
            client.CoreV1Api(as_robot).list_namespaced_secret(NAMESPACE)
        self.assertEqual(refused.exception.status, 403)
        self.assertIn(f"system:serviceaccount:{NAMESPACE}:robot", refused.exception.body)

    def test_lets_one_of_many_lead(self):
        leading = threading.Event()
        lock = ConfigMapLock("leader", NAMESPACE, "somebody")
        election = leaderelection.LeaderElection(
            electionconfig.Config(
                lock,
                lease_duration=3,
                renew_deadline=2,
                retry_period=1,
                onstarted_leading=leading.set,
                onstopped_leading=None,
            )
        )
        threading.Thread(target=election.run, daemon=True).start()
        self.assertTrue(leading.wait(SECONDS))

    def test_tells_its_version_and_groups(self):
        self.assertRegex(client.VersionApi().get_code().git_version, r"^v1\.\d+")
        self.assertIn(GROUP, [group.name for group in client.ApisApi().get_api_versions().groups])


if __name__ == "__main__":
    unittest.main()
