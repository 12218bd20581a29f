"""The link types of GS1's Web Vocabulary that the resolver keeps links of."""

LINK_TYPES = (
    *("gs1:pip", "gs1:traceability", "gs1:certificationInfo", "gs1:recallStatus", "gs1:safetyInfo"),
    *("gs1:allergenInfo", "gs1:ingredientsInfo", "gs1:nutritionalInfo", "gs1:consumerHandlingStorageInfo"),
    *("gs1:recipeInfo", "gs1:instructions", "gs1:quickStartGuide", "gs1:tutorial", "gs1:faqs"),
    *("gs1:sustainabilityInfo", "gs1:smartLabel", "gs1:brandHomepage", "gs1:promotion", "gs1:hasRetailers"),
    *("gs1:purchaseSuppliesOrAccessories", "gs1:registerProduct", "gs1:review", "gs1:leaveReview"),
    *("gs1:loyaltyProgram", "gs1:socialMedia", "gs1:relatedVideo", "gs1:relatedImage", "gs1:activityIdeas"),
    *("gs1:support", "gs1:serviceInfo", "gs1:appDownload", "gs1:locationInfo", "gs1:openingHoursInfo"),
    *("gs1:masterData", "gs1:epcis", "gs1:logisticsInfo", "gs1:verificationService", "gs1:jws"),
    *("gs1:epil", "gs1:smpc", "gs1:brandHomepageClinical", "gs1:brandHomepagePatient"),
)
"""In the order in which they are offered: what shoppers ask most stands first."""
