package main

import (
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
)

var groupVersion = schema.GroupVersion{Group: "bench.trueup.dev", Version: "v1"}

// Sample is a custom resource that looks like a pod.
type Sample struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              core.PodSpec   `json:"spec"`
	Status            core.PodStatus `json:"status,omitzero"`
}

// SampleList is what a list of Samples is read into.
type SampleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []Sample `json:"items"`
}

// Site is a custom resource with three children.
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              SiteSpec   `json:"spec"`
	Status            SiteStatus `json:"status,omitzero"`
}

// SiteSpec is what a site serves.
type SiteSpec struct {
	Text string `json:"text"`
}

// SiteStatus says whether it does.
type SiteStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

// SiteList is what a list of Sites is read into.
type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []Site `json:"items"`
}

func (sample *Sample) DeepCopyObject() runtime.Object {
	copied := *sample
	sample.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	sample.Spec.DeepCopyInto(&copied.Spec)
	sample.Status.DeepCopyInto(&copied.Status)
	return &copied
}

func (list *SampleList) DeepCopyObject() runtime.Object {
	copied := *list
	copied.Items = make([]Sample, len(list.Items))
	for index := range list.Items {
		copied.Items[index] = *list.Items[index].DeepCopyObject().(*Sample)
	}
	return &copied
}

func (site *Site) DeepCopyObject() runtime.Object {
	copied := *site
	site.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	copied.Status.Conditions = append([]metav1.Condition(nil), site.Status.Conditions...)
	return &copied
}

func (list *SiteList) DeepCopyObject() runtime.Object {
	copied := *list
	copied.Items = make([]Site, len(list.Items))
	for index := range list.Items {
		copied.Items[index] = *list.Items[index].DeepCopyObject().(*Site)
	}
	return &copied
}

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	check(clientscheme.AddToScheme(scheme))
	scheme.AddKnownTypes(groupVersion, &Sample{}, &SampleList{}, &Site{}, &SiteList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
	return scheme
}
