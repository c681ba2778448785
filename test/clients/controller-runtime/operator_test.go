package operator

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const (
	namespace = "default"
	deadline  = 20 * time.Second
	interval  = 10 * time.Millisecond
)

var (
	manager ctrl.Manager
	direct  client.WithWatch
)

// TestMain has envtest install kind and webhooks on the server that KUBECONFIG names, and runs the operator on it.
func TestMain(m *testing.M) {
	os.Exit(withOperator(m.Run))
}

func withOperator(run func() int) int {
	log.SetLogger(zap.New(zap.UseDevMode(true)))
	existing := true
	environment := &envtest.Environment{
		UseExistingCluster:    &existing,
		CRDs:                  []*apiextensions.CustomResourceDefinition{definition()},
		WebhookInstallOptions: webhookOptions(),
	}
	config := must(environment.Start())
	defer environment.Stop()

	scheme := runtime.NewScheme()
	check(clientscheme.AddToScheme(scheme))
	addToScheme(scheme)
	direct = must(client.NewWithWatch(config, client.Options{Scheme: scheme}))

	hooks := environment.WebhookInstallOptions
	manager = must(ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       server.Options{BindAddress: "0"},
		Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
		LeaderElection:                true,
		LeaderElectionID:              "clients-operator",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: hooks.LocalServingHost, Port: hooks.LocalServingPort, CertDir: hooks.LocalServingCertDir,
		}),
	}))
	check((&reconciler{manager.GetClient(), scheme, manager.GetEventRecorderFor("websites")}).setUp(manager))
	check(ctrl.NewWebhookManagedBy(manager).For(&Website{}).WithDefaulter(titles{}).WithValidator(titles{}).Complete())

	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- manager.Start(ctx) }()
	check(wait.PollUntilContextTimeout(ctx, interval, deadline, true, func(ctx context.Context) (bool, error) {
		return manager.GetWebhookServer().StartedChecker()(nil) == nil, nil
	}))
	code := run()
	cancel()
	check(<-stopped)
	return code
}

func TestReconcilerCreatesAndRepairsWhatItOwns(t *testing.T) {
	ctx := t.Context()
	website := aWebsite("owned")
	ok(t, direct.Create(ctx, website))
	page := &core.ConfigMap{}
	eventually(t, func() bool {
		return direct.Get(ctx, client.ObjectKeyFromObject(website), page) == nil
	})
	if page.Data["index.html"] != "hello" || !metav1.IsControlledBy(page, website) {
		t.Fatalf("data %v, owners %v", page.Data, page.OwnerReferences)
	}
	eventually(t, func() bool {
		ok(t, direct.Get(ctx, client.ObjectKeyFromObject(website), website))
		return meta.IsStatusConditionTrue(website.Status.Conditions, "Ready")
	})

	page.Data["index.html"] = "defaced"
	ok(t, direct.Update(ctx, page))
	eventually(t, func() bool {
		ok(t, direct.Get(ctx, client.ObjectKeyFromObject(page), page))
		return page.Data["index.html"] == "hello"
	})
	first := page.UID
	ok(t, direct.Delete(ctx, page))
	eventually(t, func() bool {
		return direct.Get(ctx, client.ObjectKeyFromObject(page), page) == nil && page.UID != first
	})
}

func TestDeletionRunsTheFinalizerAndCollectsTheOwned(t *testing.T) {
	ctx := t.Context()
	website := aWebsite("leaving")
	ok(t, direct.Create(ctx, website))
	page := &core.ConfigMap{}
	eventually(t, func() bool { return direct.Get(ctx, client.ObjectKeyFromObject(website), page) == nil })
	ok(t, direct.Delete(ctx, website, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	eventually(t, func() bool {
		return apierrors.IsNotFound(direct.Get(ctx, client.ObjectKeyFromObject(website), website)) &&
			apierrors.IsNotFound(direct.Get(ctx, client.ObjectKeyFromObject(page), page))
	})
	eventually(t, func() bool {
		events := &core.EventList{}
		ok(t, direct.List(ctx, events, client.InNamespace(namespace),
			client.MatchingFields{"involvedObject.name": "leaving", "reason": "Farewell"}))
		return len(events.Items) == 1
	})
}

func TestManagerHoldsALease(t *testing.T) {
	lease := &coordination.Lease{}
	ok(t, direct.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "clients-operator"}, lease))
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		t.Fatalf("nobody holds %v", lease.Spec)
	}
}

func TestWebhooksDefaultAndRefuse(t *testing.T) {
	ctx := t.Context()
	website := aWebsite("untitled")
	ok(t, direct.Create(ctx, website))
	if website.Spec.Title != "untitled" {
		t.Fatalf("the title is %q", website.Spec.Title)
	}
	website.Spec.Title = "LOUD"
	err := direct.Update(ctx, website)
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `denied the request: the title "LOUD" shouts`) {
		t.Fatal(err)
	}
}

func TestErrorsAreTheOnesThatGoKnows(t *testing.T) {
	ctx := t.Context()
	website := aWebsite("errors")
	ok(t, direct.Create(ctx, website))
	if err := direct.Create(ctx, aWebsite("errors")); !apierrors.IsAlreadyExists(err) {
		t.Error(err)
	}
	long := aWebsite("long")
	long.Spec.HTML = strings.Repeat("x", 1001)
	err := direct.Create(ctx, long)
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || status.Status().Details.Causes[0].Field != "spec.html" {
		t.Error(err)
	}
	stale := website.DeepCopyObject().(*Website)
	stale.ResourceVersion = "1"
	if err := direct.Update(ctx, stale); !apierrors.IsConflict(err) {
		t.Error(err)
	}
	if err := direct.List(ctx, &core.ConfigMapList{}, client.Continue("nonsense")); !apierrors.IsBadRequest(err) {
		t.Error(err)
	}
	unknown := &unstructured.Unstructured{}
	unknown.SetAPIVersion("clients.trueup.dev/v1")
	unknown.SetKind("Webring")
	if err := direct.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "x"}, unknown); !meta.IsNoMatchError(err) {
		t.Error(err)
	}
}

func TestServerSideApplyOwnsFields(t *testing.T) {
	ctx := t.Context()
	settings := func(value string) *coreapply.ConfigMapApplyConfiguration {
		return coreapply.ConfigMap("applied", namespace).WithData(map[string]string{"key": value})
	}
	ok(t, direct.Apply(ctx, settings("one"), client.FieldOwner("first")))
	if err := direct.Apply(ctx, settings("two"), client.FieldOwner("second")); !apierrors.IsConflict(err) {
		t.Fatal(err)
	}
	ok(t, direct.Apply(ctx, settings("two"), client.FieldOwner("second"), client.ForceOwnership))
	applied := &core.ConfigMap{}
	ok(t, direct.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "applied"}, applied))
	if applied.Data["key"] != "two" || len(applied.ManagedFields) != 1 || applied.ManagedFields[0].Manager != "second" {
		t.Fatalf("data %v, managers %v", applied.Data, applied.ManagedFields)
	}
}

func TestCachesFollowObjectsMetadataAndUnstructured(t *testing.T) {
	ctx := t.Context()
	typed, dynamic, metadata := &core.ConfigMap{}, &unstructured.Unstructured{}, &metav1.PartialObjectMetadata{}
	for _, object := range []client.Object{dynamic, metadata} {
		object.GetObjectKind().SetGroupVersionKind(core.SchemeGroupVersion.WithKind("ConfigMap"))
	}
	for name, object := range map[string]client.Object{"typed": typed, "dynamic": dynamic, "metadata": metadata} {
		informer, err := manager.GetCache().GetInformer(ctx, object)
		ok(t, err)
		created := &core.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "followed-by-" + name}}
		ok(t, direct.Create(ctx, created))
		eventually(t, func() bool {
			err := manager.GetCache().Get(ctx, client.ObjectKeyFromObject(created), object)
			return informer.HasSynced() && err == nil && object.GetResourceVersion() == created.ResourceVersion
		})
		ok(t, direct.Delete(ctx, created))
		eventually(t, func() bool {
			return apierrors.IsNotFound(manager.GetCache().Get(ctx, client.ObjectKeyFromObject(created), object))
		})
	}
}

func TestListsComeInPagesAndWatchesGoOnFromThem(t *testing.T) {
	ctx := t.Context()
	labels := client.MatchingLabels{"test": "pages"}
	for _, name := range []string{"page-1", "page-2", "page-3"} {
		ok(t, direct.Create(ctx, labelled(name, labels)))
	}
	first, second := &core.ConfigMapList{}, &core.ConfigMapList{}
	ok(t, direct.List(ctx, first, client.InNamespace(namespace), labels, client.Limit(2)))
	ok(t, direct.List(ctx, second, client.InNamespace(namespace), labels, client.Limit(2), client.Continue(first.Continue)))
	if len(first.Items) != 2 || len(second.Items) != 1 || second.Continue != "" {
		t.Fatalf("pages of %d and %d", len(first.Items), len(second.Items))
	}

	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: first.ResourceVersion}}
	labels.ApplyToList(from)
	watching, err := direct.Watch(ctx, &core.ConfigMapList{}, client.InNamespace(namespace), from)
	ok(t, err)
	defer watching.Stop()
	ok(t, direct.Create(ctx, labelled("page-4", labels)))
	ok(t, direct.DeleteAllOf(ctx, &core.ConfigMap{}, client.InNamespace(namespace), labels))
	seen := map[watch.EventType]int{}
	for seen[watch.Deleted] < 4 {
		select {
		case event := <-watching.ResultChan():
			seen[event.Type]++
		case <-time.After(deadline):
			t.Fatalf("seen %v", seen)
		}
	}
	if seen[watch.Added] != 1 {
		t.Fatalf("seen %v", seen)
	}
}

func webhookOptions() envtest.WebhookInstallOptions {
	sideEffects := admissionregistration.SideEffectClassNone
	hook := func(path string) (admissionregistration.WebhookClientConfig, []admissionregistration.RuleWithOperations) {
		return admissionregistration.WebhookClientConfig{
				Service: &admissionregistration.ServiceReference{Namespace: "system", Name: "webhooks", Path: &path},
			}, []admissionregistration.RuleWithOperations{{
				Operations: []admissionregistration.OperationType{admissionregistration.Create, admissionregistration.Update},
				Rule: admissionregistration.Rule{
					APIGroups: []string{groupVersion.Group}, APIVersions: []string{"v1"}, Resources: []string{"websites"},
				},
			}}
	}
	mutate, rules := hook("/mutate-clients-trueup-dev-v1-website")
	validate, _ := hook("/validate-clients-trueup-dev-v1-website")
	return envtest.WebhookInstallOptions{
		MutatingWebhooks: []*admissionregistration.MutatingWebhookConfiguration{{
			ObjectMeta: metav1.ObjectMeta{Name: "websites"},
			Webhooks: []admissionregistration.MutatingWebhook{{
				Name: "default.clients.trueup.dev", ClientConfig: mutate, Rules: rules,
				SideEffects: &sideEffects, AdmissionReviewVersions: []string{"v1"},
			}},
		}},
		ValidatingWebhooks: []*admissionregistration.ValidatingWebhookConfiguration{{
			ObjectMeta: metav1.ObjectMeta{Name: "websites"},
			Webhooks: []admissionregistration.ValidatingWebhook{{
				Name: "validate.clients.trueup.dev", ClientConfig: validate, Rules: rules,
				SideEffects: &sideEffects, AdmissionReviewVersions: []string{"v1"},
			}},
		}},
	}
}

func aWebsite(name string) *Website {
	return &Website{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       WebsiteSpec{HTML: "hello"},
	}
}

func labelled(name string, labels map[string]string) *core.ConfigMap {
	return &core.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, isSo func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), interval, deadline, true,
		func(context.Context) (bool, error) { return isSo(), nil })
	ok(t, err)
}

// check is for what is there before any test: without it there is none.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
