package operator

import (
	"context"
	"fmt"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

const finalizer = "clients.trueup.dev/farewell"

// reconciler serves each Website from a ConfigMap, and says farewell in an event when it goes.
type reconciler struct {
	client.Client
	scheme *runtime.Scheme
	events record.EventRecorder
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	website := &Website{}
	if err := r.Get(ctx, request.NamespacedName, website); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !website.DeletionTimestamp.IsZero() {
		r.events.Event(website, core.EventTypeNormal, "Farewell", "no longer served")
		if controllerutil.RemoveFinalizer(website, finalizer) {
			return ctrl.Result{}, r.Update(ctx, website)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(website, finalizer) {
		return ctrl.Result{}, r.Update(ctx, website)
	}
	page := &core.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: website.Namespace, Name: website.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, page, func() error {
		page.Data = map[string]string{"index.html": website.Spec.HTML}
		return controllerutil.SetControllerReference(website, page, r.scheme)
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	before := website.DeepCopyObject().(*Website)
	website.Status.ObservedGeneration = website.Generation
	changed := meta.SetStatusCondition(&website.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Served", ObservedGeneration: website.Generation,
	})
	if !changed && before.Status.ObservedGeneration == website.Generation {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, r.Status().Patch(ctx, website, client.MergeFrom(before))
}

func (r *reconciler) setUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).For(&Website{}).Owns(&core.ConfigMap{}).Complete(r)
}

// titles is both admission webhooks of Websites: it gives them a title, and has no shouting in it.
type titles struct{}

func (titles) Default(_ context.Context, object runtime.Object) error {
	website := object.(*Website)
	if website.Spec.Title == "" {
		website.Spec.Title = website.Name
	}
	return nil
}

func (titles) ValidateCreate(_ context.Context, object runtime.Object) (admission.Warnings, error) {
	title := object.(*Website).Spec.Title
	if title == strings.ToUpper(title) {
		return nil, fmt.Errorf("the title %q shouts", title)
	}
	return admission.Warnings{"titles are not indexed"}, nil
}

func (t titles) ValidateUpdate(ctx context.Context, _, object runtime.Object) (admission.Warnings, error) {
	return t.ValidateCreate(ctx, object)
}

func (titles) ValidateDelete(context.Context, runtime.Object) (admission.Warnings, error) {
	return nil, nil
}
