// SPDX-License-Identifier: Apache-2.0
// The resource types of FHIR R4 and the category their records go to, as src/fhir/types.def.

const TYPES: Record<string, string> = {
  demographics:
    'Patient Person RelatedPerson',
  notes:
    'AdverseEvent AllergyIntolerance Appointment AppointmentResponse CarePlan CareTeam ClinicalImpression Communication ' +
    'CommunicationRequest Composition Condition DetectedIssue DocumentManifest DocumentReference Encounter EpisodeOfCare ' +
    'FamilyMemberHistory Flag Goal List NutritionOrder Procedure QuestionnaireResponse RequestGroup RiskAssessment ' +
    'ServiceRequest Task VisionPrescription',
  results:
    'BodyStructure DiagnosticReport ImagingStudy Media MolecularSequence Observation Specimen',
  medications:
    'Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement',
  immunisations:
    'Immunization ImmunizationEvaluation ImmunizationRecommendation',
  devices:
    'BiologicallyDerivedProduct Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement SupplyDelivery ' +
    'SupplyRequest',
  billing:
    'Account ChargeItem Claim ClaimResponse Coverage CoverageEligibilityRequest CoverageEligibilityResponse EnrollmentRequest ' +
    'EnrollmentResponse ExplanationOfBenefit InsurancePlan Invoice PaymentNotice PaymentReconciliation',
  directory:
    'Endpoint HealthcareService Location Organization OrganizationAffiliation Practitioner PractitionerRole Schedule Slot',
  provenance:
    'AuditEvent Provenance',
  other:
    'ActivityDefinition Basic Binary Bundle CapabilityStatement CatalogEntry ChargeItemDefinition CodeSystem ' +
    'CompartmentDefinition ConceptMap Consent Contract EffectEvidenceSynthesis EventDefinition Evidence EvidenceVariable ' +
    'ExampleScenario GraphDefinition Group GuidanceResponse ImplementationGuide Library Linkage Measure MeasureReport ' +
    'MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication ' +
    'MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged ' +
    'MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader NamingSystem ' +
    'ObservationDefinition OperationDefinition OperationOutcome Parameters PlanDefinition Questionnaire ResearchDefinition ' +
    'ResearchElementDefinition ResearchStudy ResearchSubject RiskEvidenceSynthesis SearchParameter SpecimenDefinition ' +
    'StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein ' +
    'SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities TestReport ' +
    'TestScript ValueSet VerificationResult',
};
const CATEGORY_OF = new Map(Object.entries(TYPES).flatMap(([category, names]) => names.split(' ').map((n) => [n, category] as const)));
/** Undefined for what is no type of R4. */
export function categoryOfType(resourceType: string): string | undefined {
  return CATEGORY_OF.get(resourceType);
}
/** Categories in the order of a chart. */
export const CATEGORY_ORDER = Object.keys(TYPES);
