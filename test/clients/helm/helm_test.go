package helm

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/release"
)

const (
	namespace = "helm-test"
	name      = "site"
	deadline  = 20 * time.Second
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec: { containers: [{ name: web, image: example.com/web }] }
`

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: sites.helm.trueup.dev }
spec:
  group: helm.trueup.dev
  names: { kind: Site, plural: sites, singular: site, listKind: SiteList }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { pages: { type: integer } } } } } }
`

const site = `
apiVersion: helm.trueup.dev/v1
kind: Site
metadata: { name: {{ .Release.Name }} }
spec: { pages: {{ .Values.replicas }} }
`

const hook = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-migration
  annotations: { helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation }
`

// A release goes the way of most: it is installed and waited for, upgraded, rolled back, and removed.
func TestRelease(t *testing.T) {
	configuration := configure(t)

	install := action.NewInstall(configuration)
	install.Namespace, install.ReleaseName, install.CreateNamespace = namespace, name, true
	install.Wait, install.Timeout = true, deadline
	installed, err := install.Run(siteChart(t), values(1))
	expect(t, installed, err, 1, 1)

	upgrade := action.NewUpgrade(configuration)
	upgrade.Namespace, upgrade.Wait, upgrade.Timeout = namespace, true, deadline
	upgraded, err := upgrade.Run(name, siteChart(t), values(3))
	expect(t, upgraded, err, 2, 3)

	rollback := action.NewRollback(configuration)
	rollback.Wait, rollback.Timeout = true, deadline
	if err := rollback.Run(name); err != nil {
		t.Fatal(err)
	}
	current, err := action.NewGet(configuration).Run(name)
	expect(t, current, err, 3, 1)

	history, err := action.NewHistory(configuration).Run(name)
	if err != nil || len(history) != 3 {
		t.Fatalf("a history of three is wanted, not of %d: %v", len(history), err)
	}

	uninstall := action.NewUninstall(configuration)
	uninstall.Wait, uninstall.Timeout, uninstall.DeletionPropagation = true, deadline, "foreground"
	if _, err := uninstall.Run(name); err != nil {
		t.Fatal(err)
	}
	if _, err := action.NewGet(configuration).Run(name); err == nil {
		t.Fatal("the release is still there")
	}
}

// What the server would refuse is refused before anything of the release is made.
func TestInvalidObject(t *testing.T) {
	install := action.NewInstall(configure(t))
	install.Namespace, install.ReleaseName, install.CreateNamespace = namespace, "invalid", true
	_, err := install.Run(siteChart(t), map[string]any{"replicas": "many"})
	if err == nil || !strings.Contains(err.Error(), "replicas") {
		t.Fatalf("a refusal that names the field is wanted, not: %v", err)
	}
}

func configure(t *testing.T) *action.Configuration {
	t.Setenv("HELM_NAMESPACE", namespace)
	configuration := new(action.Configuration)
	settings := cli.New()
	settings.KubeConfig = os.Getenv("KUBECONFIG")
	if err := configuration.Init(settings.RESTClientGetter(), namespace, "secret", t.Logf); err != nil {
		t.Fatal(err)
	}
	return configuration
}

func siteChart(t *testing.T) *chart.Chart {
	loaded, err := loader.LoadFiles([]*loader.BufferedFile{
		{Name: "Chart.yaml", Data: []byte("{ apiVersion: v2, name: site, version: 1.0.0 }")},
		{Name: "crds/sites.yaml", Data: []byte(definition)},
		{Name: "templates/deployment.yaml", Data: []byte(deployment)},
		{Name: "templates/site.yaml", Data: []byte(site)},
		{Name: "templates/migration.yaml", Data: []byte(hook)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func values(replicas int) map[string]any {
	return map[string]any{"replicas": replicas}
}

func expect(t *testing.T, found *release.Release, err error, version, replicas int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	isDeployed := found.Info.Status == release.StatusDeployed && found.Version == version
	if !isDeployed || !strings.Contains(found.Manifest, fmt.Sprintf("replicas: %d", replicas)) {
		t.Fatalf("revision %d with %d replicas is wanted, not %d, %s:\n%s", version, replicas, found.Version, found.Info.Status, found.Manifest)
	}
}
